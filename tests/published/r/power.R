# Power by formulas of base R, and by simulation with lme4 and lmerTest (Kenward-Roger through pbkrtest).
# Rscript power.R > power.json   (about two minutes)
suppressMessages(library(lmerTest))
t2 <- function(n, d) power.t.test(n, delta = d, strict = TRUE)$power
t1 <- function(n, d) power.t.test(n, delta = d, type = "one.sample", strict = TRUE)$power
pr <- function(n, a, b) power.prop.test(n, a, b, strict = TRUE)$power
one <- function(people, visits, d, slope, residual) {
  n <- 2 * people; arm <- rep(0:1, each = people); t <- seq(0, 1, length.out = visits)
  y <- .8 * rnorm(n) + outer(slope * rnorm(n) + d * arm, t) + matrix(residual * rnorm(n * visits), n)
  f <- data.frame(y = as.vector(t(y)), id = factor(rep(1:n, each = visits)), arm = rep(arm, each = visits), time = rep(t, n))
  m <- suppressMessages(suppressWarnings(lmer(y ~ arm * time + (time | id), f)))
  coef(summary(m, ddf = "Satterthwaite"))["arm:time", "Pr(>|t|)"] < .05
}
set.seed(20261122)
R <- 1000
found <- sum(vapply(1:R, function(i) one(40, 5, -.4, .5, .6), NA))
cat(sprintf('{
  "r": "%s",
  "two_means": [[20, 0.5, %.12f], [64, 0.5, %.12f], [10, 1.2, %.12f], [400, 0.1, %.12f]],
  "one_mean": [[20, 0.5, %.12f], [45, 0.3, %.12f]],
  "two_shares": [[50, 0.5, 0.75, %.12f], [100, 0.13, 0.25, %.12f]],
  "people_for_half": %d,
  "lmer": {"people": 40, "visits": 5, "difference": -0.4, "found": %d, "of": %d}
}
', R.version.string, t2(20, .5), t2(64, .5), t2(10, 1.2), t2(400, .1), t1(20, .5), t1(45, .3), pr(50, .5, .75),
  pr(100, .13, .25), ceiling(power.t.test(delta = .5, power = .8, strict = TRUE)$n), found, R))
