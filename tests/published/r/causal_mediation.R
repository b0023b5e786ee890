# ACME and ADE by standardising glm and lm fits by hand, on data made here with a fixed seed.
# Rscript causal_mediation.R OUT_FOLDER
out <- commandArgs(TRUE)[1]
set.seed(20261122)
n <- 400
x <- rbinom(n, 1, .5); c1 <- round(rnorm(n), 6)
m <- round(.5 * x + .3 * c1 + rnorm(n), 6)
y <- round(.2 * x + .4 * m + .15 * x * m + .1 * c1 + rnorm(n), 6)
mb <- as.integer(m > .2); yb <- as.integer(y > .3)
d <- data.frame(x, c1, m, y, mb, yb)
write.csv(d, file.path(out, "causal_mediation.csv"), row.names = FALSE)
gh <- function(f, mu, s) { # expectation over a normal, by integrate
  vapply(mu, function(one) integrate(function(v) f(v) * dnorm(v, one, s), one - 9 * s, one + 9 * s, rel.tol = 1e-10)$value, 0)
}
at <- function(t, with) transform(d, x = t)
ey <- function(fm, fy, kind_m, mname, t, u) {
  dm <- transform(d, x = u)
  if (kind_m == "binary") {
    p <- predict(fm, dm, type = "response")
    d1 <- transform(d, x = t); d1[[mname]] <- 1; d0 <- d1; d0[[mname]] <- 0
    return(mean(p * predict(fy, d1, type = "response") + (1 - p) * predict(fy, d0, type = "response")))
  }
  mu <- predict(fm, dm); s <- summary(fm)$sigma
  if (family(fy)$family == "gaussian") { d1 <- transform(d, x = t); d1[[mname]] <- mu; return(mean(predict(fy, d1))) }
  b <- coef(fy); inv <- family(fy)$linkinv
  base <- b["(Intercept)"] + b["x"] * t + b["c1"] * d$c1
  slope <- b[mname] + b[paste0("x:", mname)] * t
  mean(mapply(function(one, mean_m) integrate(function(v) inv(one + slope * v) * dnorm(v, mean_m, s),
              mean_m - 9 * s, mean_m + 9 * s, rel.tol = 1e-11)$value, base, mu))
}
one <- function(fm, fy, kind_m, mname) {
  e <- function(t, u) ey(fm, fy, kind_m, mname, t, u)
  a0 <- e(0, 1) - e(0, 0); a1 <- e(1, 1) - e(1, 0); z0 <- e(1, 0) - e(0, 0); z1 <- e(1, 1) - e(0, 1)
  c(a0, a1, (a0 + a1) / 2, z0, z1, (z0 + z1) / 2, e(1, 1) - e(0, 0))
}
lin <- lm(m ~ x + c1, d); bin <- glm(mb ~ x + c1, binomial, d); pro <- glm(mb ~ x + c1, binomial("probit"), d)
res <- list(
  linear_linear = one(lin, glm(y ~ x * m + c1, gaussian, d), "linear", "m"),
  linear_logit = one(lin, glm(yb ~ x * m + c1, binomial, d), "linear", "m"),
  linear_probit = one(lin, glm(yb ~ x * m + c1, binomial("probit"), d), "linear", "m"),
  logit_linear = one(bin, glm(y ~ x * mb + c1, gaussian, d), "binary", "mb"),
  probit_linear = one(pro, glm(y ~ x * mb + c1, gaussian, d), "binary", "mb"),
  logit_logit = one(bin, glm(yb ~ x * mb + c1, binomial, d), "binary", "mb"))
lines <- mapply(function(k, v) sprintf('  "%s": [%s]', k, paste(sprintf("%.12f", v), collapse = ", ")), names(res), res)
writeLines(c("{", sprintf('  "r": "%s",', R.version.string), paste(lines, collapse = ",\n"), "}"), file.path(dirname(out), "r", "causal_mediation.json"))
