# Alpha with Feldt limits and ICCs with F limits by hand from anova(); omega of one factor with lavaan.
# Run: Rscript psychometrics.R > psychometrics.json (base R, lavaan 0.6-14). Data are made here and written out.
suppressMessages({library(lavaan); library(jsonlite)})
set.seed(11)
n <- 150; f <- rnorm(n)
items <- sapply(c(.8, .7, .6, .9, .5, .75), function(l) pmin(pmax(round(2 + 1.1 * l * f + rnorm(n, 0, .8)), 0), 4))
k <- ncol(items)
alpha <- function(x) { k <- ncol(x); k / (k - 1) * (1 - sum(apply(x, 2, var)) / var(rowSums(x))) }
a <- alpha(items)
feldt <- 1 - (1 - a) * qf(c(.975, .025), n - 1, (n - 1) * (k - 1))
rest <- sapply(1:k, function(j) cor(items[, j], rowSums(items[, -j])))
without <- sapply(1:k, function(j) alpha(items[, -j]))
d <- as.data.frame(items); names(d) <- paste0("i", 1:k)
model <- paste0("f =~ ", paste0("l", 1:k, "*i", 1:k, collapse = " + "), "\n", paste0("i", 1:k, " ~~ p", 1:k, "*i", 1:k, collapse = "\n"),
  "\nomega := (", paste0("l", 1:k, collapse = "+"), ")^2/((", paste0("l", 1:k, collapse = "+"), ")^2+", paste0("p", 1:k, collapse = "+"), ")")
fit <- cfa(model, d, std.lv = TRUE)
pe <- parameterEstimates(fit)
om <- pe[pe$label == "omega", ]
m <- 40; truth <- rnorm(m, 20, 6)
x <- cbind(truth + rnorm(m, 0, 2.5), truth + 1.2 + rnorm(m, 0, 2.5), truth + .5 + rnorm(m, 0, 2.5))
x <- round(x, 1)
long <- data.frame(y = c(x), p = factor(rep(1:m, 3)), o = factor(rep(1:3, each = m)))
ms <- anova(lm(y ~ p + o, long))$`Mean Sq`; r <- ms[1]; cc <- ms[2]; e <- ms[3]; kk <- 3
icc2 <- (r - e) / (r + (kk - 1) * e + kk * (cc - e) / m); icc3 <- (r - e) / (r + (kk - 1) * e)
F3 <- r / e; lo <- F3 / qf(.975, m - 1, (m - 1) * (kk - 1)); hi <- F3 * qf(.975, (m - 1) * (kk - 1), m - 1)
A <- kk * icc2 / (m * (1 - icc2)); B <- 1 + kk * icc2 * (m - 1) / (m * (1 - icc2))
v <- (A * cc + B * e)^2 / ((A * cc)^2 / (kk - 1) + (B * e)^2 / ((m - 1) * (kk - 1)))
F1 <- qf(.975, m - 1, v); F2 <- qf(.975, v, m - 1); w <- kk * cc + (kk * m - kk - m) * e
cat(toJSON(list(items = items, alpha = a, feldt = feldt, rest = rest, without = without,
  omega = c(om$est, om$se), loadings = pe$est[1:k], loadings_se = pe$se[1:k], own = pe$est[(k + 1):(2 * k)], own_se = pe$se[(k + 1):(2 * k)],
  log_likelihood = as.numeric(logLik(fit)), scores = x,
  icc2 = c(icc2, m * (r - F1 * e) / (F1 * w + m * r), m * (F2 * r - e) / (w + m * F2 * r)),
  icc3 = c(icc3, (lo - 1) / (lo + kk - 1), (hi - 1) / (hi + kk - 1)),
  sem = c(sqrt(e + (cc - e) / m), sqrt(e))), digits = NA))
