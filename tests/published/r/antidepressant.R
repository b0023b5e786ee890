# What R makes of the antidepressant trial: the numbers that test_goldstein2004_antidepressant.py holds our analysis
# against. Run: Rscript antidepressant.R examples/antidepressant/rbmi_antidepressant.csv antidepressant.json
suppressMessages({library(nlme); library(clubSandwich); library(jsonlite)})
args <- commandArgs(TRUE)
A <- read.csv(args[1]); A$id <- factor(A$PATIENT); A <- A[order(A$id, A$VISIT), ]
A$visit <- factor(A$VISIT); A$drug <- factor(A$THERAPY, levels = c("PLACEBO", "DRUG"))
A$base <- A$BASVAL - mean(unique(A[, c("id", "BASVAL")])$BASVAL)
ctl <- glsControl(tolerance = 1e-10, msTol = 1e-12, maxIter = 500, msMaxIter = 500)
fit <- function(D) gls(HAMDTL17 ~ 0 + visit + visit:drug + visit:base, data = D, correlation = corSymm(form = ~as.integer(visit) | id),
                       weights = varIdent(form = ~1 | visit), control = ctl)

# Model: a mean per arm and visit, the baseline's slope differs by visit, unstructured covariance, REML.
m <- fit(A); b <- coef(m); V <- vcov(m)
contrast <- lapply(4:7, function(v) { k <- paste0("visit", v, ":drugDRUG"); list(value = -unname(b[k]), se = sqrt(V[k, k])) })
names(contrast) <- c("week_1", "week_2", "week_4", "week_6")

# Imputing the conditional mean, missing at random and with the reference arm's mean after leaving (jump to reference),
# then analysis of covariance at the last visit: the value that many imputations tend to.
full <- names(which(table(A$id) == 4))[1]; S <- unclass(getVarCov(m, individual = full))
P <- unique(A[, c("id", "drug", "base")]); vis <- levels(A$visit)
mean_of <- function(d, base) sapply(vis, function(v) b[paste0("visit", v)] + (d == "DRUG") * b[paste0("visit", v, ":drugDRUG")] + base * b[paste0("visit", v, ":base")])
filled <- function(jump) sapply(seq_len(nrow(P)), function(i) {
  y <- rep(NA, 4); r <- A[A$id == P$id[i], ]; y[match(r$visit, vis)] <- r$HAMDTL17; s <- !is.na(y)
  if (s[4]) return(y[4])
  own <- mean_of(P$drug[i], P$base[i]); centre <- own[4]
  if (jump && P$drug[i] == "DRUG") centre <- mean_of("PLACEBO", P$base[i])[4]
  centre + drop(S[4, s] %*% solve(S[s, s, drop = FALSE]) %*% (y[s] - own[s])) })
imputed <- function(jump) -unname(coef(lm(filled(jump) ~ P$drug + P$base))[2])

# Complete cases: analysis of covariance with HC2 errors and Satterthwaite df.
D <- A[A$VISIT == 7, ]; D$side <- as.numeric(D$drug == "DRUG"); cc <- lm(HAMDTL17 ~ side + BASVAL, data = D)
s <- coef_test(cc, vcov = "CR2", cluster = seq_len(nrow(D)), test = "Satterthwaite")
answered <- function(name) { d <- A[A$THERAPY == name, ]; list(n = length(unique(d$id)), week_6 = sum(d$VISIT == 7),
  better_50 = sum(d$VISIT == 7 & (d$BASVAL - d$HAMDTL17) / d$BASVAL >= 0.5 - 1e-9)) }
out <- list(R = R.version.string, packages = sapply(c("nlme", "clubSandwich"), function(p) as.character(packageVersion(p))),
  contrast = contrast, log_likelihood = as.numeric(logLik(m)), missing_at_random = imputed(FALSE), jump_to_reference = imputed(TRUE),
  completers = list(value = -s["side", "beta"], se = s["side", "SE"], df = s["side", "df_Satt"], n = nrow(D)),
  arms = list(drug = answered("DRUG"), placebo = answered("PLACEBO")),
  baseline = list(sd = sd(unique(A[, c("id", "BASVAL")])$BASVAL), n = nrow(P)))
write_json(out, args[2], auto_unbox = TRUE, digits = 12, pretty = TRUE)
