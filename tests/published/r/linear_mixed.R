# Reference fits for tests/published/test_linear_mixed.py: lme4, lmerTest, pbkrtest. Run in this folder: Rscript linear_mixed.R
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(jsonlite)})
tight <- lmerControl(optimizer = "nloptwrap", optCtrl = list(xtol_abs = 1e-11, ftol_abs = 1e-13, maxeval = 1e5))
one <- function(formula, data, reml = TRUE, kr = reml) {
  m <- lmerTest::lmer(formula, data, REML = reml, control = tight)
  s <- summary(m)$coefficients
  out <- list(b = unname(s[, 1]), se = unname(s[, 2]), df = unname(s[, 3]),
              vc = as.data.frame(VarCorr(m))$vcov, ll = as.numeric(logLik(m)), singular = isSingular(m))
  if (kr) { k <- summary(m, ddf = "Kenward-Roger")$coefficients; out$se_kr <- unname(k[, 2]); out$df_kr <- unname(k[, 3]) }
  out
}
two <- read.csv("../data/sim_therapist2.csv")
three <- read.csv("../data/sim_therapist3.csv")
trial <- read.csv("../data/rbmi_antidepressant.csv")
trial <- transform(trial, week = as.numeric(VISIT) - 3, drug = as.numeric(THERAPY == "DRUG"), id = PATIENT)
set.seed(4)
n <- 600; rater <- sample(1:12, n, TRUE); pat <- sample(1:80, n, TRUE); x <- round(rnorm(n), 4)
y <- 2 + .5 * x + rnorm(12, 0, .6)[rater] + rnorm(80, 0, .9)[pat] + rnorm(80, 0, .4)[pat] * x + rnorm(n)
crossed <- data.frame(y = round(y, 4), x, rater, pat)
write.csv(crossed, "../data/crossed_ratings.csv", row.names = FALSE)
# Partially nested: groups in one arm only; in the other arm each person is a cluster of her own.
part <- transform(two, g = as.numeric(therapist <= 30))
part$cluster <- ifelse(part$g == 1, part$therapist, 1000 + part$patient)
adj <- lmer(post ~ pre + (1 | therapist), two, REML = FALSE)
ci <- confint(adj, method = "profile", oldNames = TRUE, quiet = TRUE)
small <- lmer(post ~ 1 + (1 | therapist), two[two$therapist <= 6, ], REML = FALSE)
res <- list(
  versions = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                  lmerTest = as.character(packageVersion("lmerTest")), pbkrtest = as.character(packageVersion("pbkrtest"))),
  two = one(post ~ pre + (1 | therapist), two),
  two_slope = one(post ~ pre + (pre | therapist), two),
  three = one(y ~ time * trt + (time | id) + (time | th), three),
  three_people = one(y ~ time * trt + (time | id), three),
  intercept = one(CHANGE ~ BASVAL + week * drug + (1 | id), trial),
  slope = one(CHANGE ~ BASVAL + week * drug + (week | id), trial),
  ml = one(CHANGE ~ BASVAL + week * drug + (1 | id), trial, FALSE),
  partial = one(post ~ pre + g + (0 + g | cluster), part),
  crossed = one(y ~ x + (1 | pat) + (1 | rater), crossed),
  crossed_slope = one(y ~ x + (x | pat) + (1 | rater), crossed),
  crossed_apart = one(y ~ x + (x || pat) + (1 | rater), crossed),
  crossed_ml = one(y ~ x + (x | pat) + (1 | rater), crossed, FALSE),
  profile = list(names = rownames(ci), low = unname(ci[, 1]), high = unname(ci[, 2]))
)
write(toJSON(res, digits = 14, auto_unbox = TRUE, pretty = TRUE), "linear_mixed.json")
