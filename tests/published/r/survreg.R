# Reference for the censored regression: survival::survreg with a Gaussian outcome, left-censored.
# Rscript survreg.R > survreg.json   (R 4.2.2, survival from Debian 12)
library(survival); library(jsonlite)
set.seed(11)
n <- 60; x <- round(rnorm(n), 3); arm <- rep(0:1, n / 2)
y <- round(0.4 + 0.5 * x - 0.6 * arm + rnorm(n, sd = 0.8), 3); limit <- -0.3
below <- y < limit; seen <- pmax(y, limit)
fit <- survreg(Surv(seen, !below, type = "left") ~ x + arm, dist = "gaussian")
cat(toJSON(list(x = x, arm = arm, y = ifelse(below, NA, y), limit = limit, coefficients = unname(coef(fit)),
  se = unname(sqrt(diag(vcov(fit))))[1:3], scale = fit$scale, loglik = fit$loglik[2]), digits = 12, auto_unbox = TRUE, na = "null"))
