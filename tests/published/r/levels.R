# 2-1-1 by lme4 and actor-partner by nlme::gls, on data made here. Rscript levels.R DATA_FOLDER > levels.json
suppressMessages({library(lmerTest); library(nlme)})
out <- commandArgs(TRUE)[1]
set.seed(31)
n <- 80; k <- 6; id <- rep(1:n, each = k); x <- rep(rbinom(n, 1, .5), each = k); u <- rep(rnorm(n), each = k)
m <- round(.6 * x + u + rnorm(n * k), 6); mm <- ave(m, id)
y <- round(.5 * (.6 * x + u) + .2 * (m - mm) + .1 * x + rep(rnorm(n, sd = .6), each = k) + rnorm(n * k), 6)
write.csv(data.frame(id, x, m, y), file.path(out, "two_one_one.csv"), row.names = FALSE)
a <- coef(summary(lmer(m ~ x + (1 | id)), ddf = "Kenward-Roger")); s <- coef(summary(lmer(y ~ x + mm + I(m - mm) + (1 | id)), ddf = "Kenward-Roger"))
d <- 60; xp <- round(rnorm(d), 6); xt <- round(.4 * xp + rnorm(d), 6)
e <- matrix(rnorm(2 * d), d) %*% chol(matrix(c(1, .5, .5, 1), 2))
yp <- round(.4 * xp + .2 * xt + e[, 1], 6); yt <- round(.3 * xt + .1 * xp + e[, 2], 6)
write.csv(data.frame(xp, xt, yp, yt), file.path(out, "pairs.csv"), row.names = FALSE)
l <- data.frame(pair = rep(1:d, 2), who = factor(rep(c("p", "t"), each = d)), y = c(yp, yt), xp = c(xp, xp), xt = c(xt, xt))
g <- gls(y ~ 0 + who + who:xp + who:xt, l, correlation = corCompSymm(form = ~ 1 | pair), weights = varIdent(form = ~ 1 | who))
b <- coef(g); row <- function(m, i) sprintf("[%.10f, %.10f, %.8f]", m[i, 1], m[i, 2], m[i, 3])
cat(sprintf('{\n  "a": %s,\n  "level": %s,\n  "day": %s,\n  "direct": %s,\n  "patient actor": %.8f,\n  "patient partner": %.8f,\n  "therapist actor": %.8f,\n  "therapist partner": %.8f\n}\n',
  row(a, "x"), row(s, "mm"), row(s, "I(m - mm)"), row(s, "x"), b["whop:xp"], b["whop:xt"], b["whot:xt"], b["whot:xp"]))
