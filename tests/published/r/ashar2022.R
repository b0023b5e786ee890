# What R makes of the trial of Ashar et al. 2022: the numbers that test_ashar2022.py holds our analysis against.
# Run: Rscript ashar2022.R examples/ashar2022/ashar2022_outcomes_demographics.csv ashar2022.json
suppressMessages({library(nlme); library(metafor); library(clubSandwich); library(jsonlite)})
args <- commandArgs(TRUE)
A <- read.csv(args[1], na.strings = c("NaN", "<undefined>"))
A <- A[!is.na(A$group), ]
A$arm <- factor(c("prt", "placebo", "usual_care")[A$group], levels = c("usual_care", "placebo", "prt"))
A$id <- factor(A$id); A$t <- A$time; A <- A[order(A$id, A$t), ]
ctl <- glsControl(tolerance = 1e-10, msTol = 1e-12, maxIter = 500, msMaxIter = 500)

# Constrained baseline (cLDA): one baseline mean, then a mean per arm; unstructured covariance, REML.
clda <- function(column) {
  D <- A; D$y <- D[[column]]; D <- D[!is.na(D$y), ]
  D$post <- as.numeric(D$t == 2); D$prt <- D$post * (D$arm == "prt"); D$placebo <- D$post * (D$arm == "placebo")
  m <- gls(y ~ post + prt + placebo, data = D, correlation = corSymm(form = ~t | id), weights = varIdent(form = ~1 | t), control = ctl)
  b <- coef(m); V <- vcov(m)
  one <- function(w) list(value = -sum(w * b), se = sqrt(drop(t(w) %*% V %*% w)))
  base <- D$y[D$t == 1]
  list(prt_usual_care = one(c(0, 0, 1, 0)), prt_placebo = one(c(0, 0, 1, -1)), change_prt = one(c(0, 1, 1, 0)),
       change_usual_care = one(c(0, 1, 0, 0)), sd_baseline = sd(base), n_baseline = length(base), log_likelihood = as.numeric(logLik(m)))
}

wide <- reshape(A[, c("id", "arm", "t", "pain_avg", "bpi_interference")], direction = "wide", idvar = c("id", "arm"), timevar = "t")
summary_of <- function(D) lapply(split(D, D$arm), function(d) list(
  n = nrow(d), n_post = sum(!is.na(d$pain_avg.2)), mean_base = mean(d$pain_avg.1), sd_base = sd(d$pain_avg.1),
  mean_post = mean(d$pain_avg.2, na.rm = TRUE), sd_post = sd(d$pain_avg.2, na.rm = TRUE),
  nearly_pain_free = sum(d$pain_avg.2 <= 1, na.rm = TRUE),
  better_30 = sum((d$pain_avg.1 - d$pain_avg.2) / d$pain_avg.1 >= 0.3 - 1e-9 & d$pain_avg.1 > 0, na.rm = TRUE),
  with_both_and_distance = sum(!is.na(d$pain_avg.1) & !is.na(d$pain_avg.2) & d$pain_avg.1 > 0)))

# Analysis of covariance of complete cases, HC2 with Satterthwaite df (each person a cluster of her own).
ancova <- function(first, second) {
  D <- wide[wide$arm %in% c(first, second) & complete.cases(wide[, c("pain_avg.1", "pain_avg.2")]), ]
  D$side <- as.numeric(D$arm == first)
  m <- lm(pain_avg.2 ~ side + pain_avg.1, data = D)
  s <- coef_test(m, vcov = "CR2", cluster = seq_len(nrow(D)), test = "Satterthwaite")
  list(value = -s["side", "beta"], se = s["side", "SE"], df = s["side", "df_Satt"], n = nrow(D))
}

# Standardised change of completers by the baseline SD (SMCR) and its variance with the observed correlation.
within <- function(name) {
  d <- wide[wide$arm == name & complete.cases(wide[, c("pain_avg.1", "pain_avg.2")]), ]
  e <- escalc("SMCR", m1i = mean(d$pain_avg.1), m2i = mean(d$pain_avg.2), sd1i = sd(d$pain_avg.1), ni = nrow(d), ri = cor(d$pain_avg.1, d$pain_avg.2))
  list(g = as.numeric(e$yi), se = sqrt(as.numeric(e$vi)), n = nrow(d))
}

# Between arms: Hedges g of the change scores and of the values at post.
between <- function(first, second) {
  g <- function(x, y) { e <- escalc("SMD", m1i = mean(x), m2i = mean(y), sd1i = sd(x), sd2i = sd(y), n1i = length(x), n2i = length(y)); list(g = as.numeric(e$yi), se = sqrt(as.numeric(e$vi))) }
  take <- function(name, f) { d <- wide[wide$arm == name, ]; x <- f(d); x[!is.na(x)] }
  list(change = g(take(first, function(d) d$pain_avg.1 - d$pain_avg.2), take(second, function(d) d$pain_avg.1 - d$pain_avg.2)),
       post = g(-take(first, function(d) d$pain_avg.2), -take(second, function(d) d$pain_avg.2)))
}
share <- function(k, n) { p <- prop.test(k, n, correct = FALSE); list(value = k / n, low = p$conf.int[1], high = p$conf.int[2]) }
arms <- summary_of(wide)
out <- list(
  R = R.version.string, packages = sapply(c("nlme", "metafor", "clubSandwich"), function(p) as.character(packageVersion(p))),
  arms = arms, pain = clda("pain_avg"), interference = clda("bpi_interference"),
  ancova = list(prt_usual_care = ancova("prt", "usual_care"), prt_placebo = ancova("prt", "placebo")),
  within = list(prt = within("prt"), placebo = within("placebo"), usual_care = within("usual_care")),
  between = list(prt_usual_care = between("prt", "usual_care"), prt_placebo = between("prt", "placebo")),
  better_30 = lapply(arms, function(a) share(a$better_30, a$with_both_and_distance)))
write_json(out, args[2], auto_unbox = TRUE, digits = 12, pretty = TRUE)
