# Reference for tests/published/test_random_effects.py: lme4::ranef with condVar, emmeans. Run here: Rscript random_effects.R
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(emmeans); library(jsonlite)})
tight <- lmerControl(optimizer = "nloptwrap", optCtrl = list(xtol_abs = 1e-11, ftol_abs = 1e-13, maxeval = 1e5))
trial <- read.csv("../data/rbmi_antidepressant.csv")
trial <- transform(trial, week = as.numeric(VISIT) - 3, drug = as.numeric(THERAPY == "DRUG"), id = PATIENT)
crossed <- read.csv("../data/crossed_ratings.csv")
two <- read.csv("../data/sim_therapist2.csv")
nest <- transform(two, team = (therapist - 1) %/% 6)
effects <- function(m, factor, first = 15) {
  r <- ranef(m, condVar = TRUE)[[factor]]; v <- attr(r, "postVar")
  keep <- seq_len(min(first, nrow(r)))
  list(labels = rownames(r)[keep], effects = unname(as.matrix(r)[keep, , drop = FALSE]),
       covariances = aperm(v[, , keep, drop = FALSE], c(3, 1, 2)))
}
slope <- lmerTest::lmer(CHANGE ~ BASVAL + week * drug + (week | id), trial, control = tight)
cross <- lmerTest::lmer(y ~ x + (x | pat) + (1 | rater), crossed, control = tight)
teams <- lmerTest::lmer(post ~ pre + (1 | therapist) + (1 | team), nest, control = tight)
grid <- function(mode) {
  e <- emmeans(slope, ~ drug, at = list(week = 4, drug = c(0, 1)), lmer.df = mode)
  s <- as.data.frame(e); d <- as.data.frame(pairs(e, reverse = TRUE))
  list(mean = s$emmean, se = s$SE, df = s$df, difference = c(d$estimate, d$SE, d$df))
}
res <- list(
  versions = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")), emmeans = as.character(packageVersion("emmeans"))),
  slope = effects(slope, "id"), crossed_pat = effects(cross, "pat"), crossed_rater = effects(cross, "rater"),
  therapist = effects(teams, "therapist"), team = effects(teams, "team"),
  kenward_roger = grid("kenward-roger"), satterthwaite = grid("satterthwaite")
)
write(toJSON(res, digits = 14, auto_unbox = TRUE), "random_effects.json")
