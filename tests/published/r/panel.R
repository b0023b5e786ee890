# Random-intercept cross-lagged panel by lavaan, on data made here. Rscript panel.R OUT_FOLDER > panel.json
suppressMessages(library(lavaan))
out <- commandArgs(TRUE)[1]
set.seed(77)
n <- 300; T <- 4
ri <- matrix(rnorm(2 * n), n) %*% chol(matrix(c(1, .4, .4, 1), 2))
A <- matrix(c(.3, .2, .0, .25), 2, byrow = FALSE)  # rows: x, y; columns: on x, on y -> x to y .2, y to x 0
w <- matrix(rnorm(2 * n), n) %*% chol(matrix(c(1, .3, .3, 1), 2))
d <- list()
for (t in 1:T) {
  d[[paste0("x", t)]] <- round(3 + .1 * t + ri[, 1] + w[, 1], 6); d[[paste0("y", t)]] <- round(5 - .2 * t + ri[, 2] + w[, 2], 6)
  w <- w %*% t(A) + matrix(rnorm(2 * n), n) %*% chol(matrix(c(.8, .2, .2, .8), 2))
}
d <- as.data.frame(d)
for (t in 2:T) { gone <- runif(n) < .06 * t; d[gone, paste0("x", t)] <- NA; d[gone & runif(n) < .7, paste0("y", t)] <- NA }
write.csv(d, file.path(out, "panel.csv"), row.names = FALSE, na = "")
m <- 'RIx =~ 1*x1 + 1*x2 + 1*x3 + 1*x4
RIy =~ 1*y1 + 1*y2 + 1*y3 + 1*y4
RIx ~~ RIx
RIy ~~ RIy
RIx ~~ RIy
'
for (t in 1:T) m <- paste0(m, sprintf("wx%d =~ 1*x%d\nwy%d =~ 1*y%d\nx%d ~~ 0*x%d\ny%d ~~ 0*y%d\nwx%d ~~ wy%d\nRIx ~~ 0*wx1\n", t, t, t, t, t, t, t, t, t, t))
m <- paste0(m, "RIx ~~ 0*wy1\nRIy ~~ 0*wx1\nRIy ~~ 0*wy1\n")
for (t in 2:T) m <- paste0(m, sprintf("wx%d ~ xx*wx%d + yx*wy%d\nwy%d ~ xy*wx%d + yy*wy%d\n", t, t - 1, t - 1, t, t - 1, t - 1))
f <- lavaan(m, d, missing = "fiml", meanstructure = TRUE, int.ov.free = TRUE, int.lv.free = FALSE, auto.var = TRUE, auto.fix.first = FALSE, auto.cov.lv.x = FALSE)
p <- parameterEstimates(f); g <- function(l) p[p$label == l, ][1, ]
v <- function(a, b) p[p$lhs == a & p$op == "~~" & p$rhs == b, "est"]
line <- function(k, l) sprintf('  "%s": [%.10f, %.10f]', k, g(l)$est, g(l)$se)
cat("{\n", paste(c(sprintf('  "lavaan": "%s"', packageVersion("lavaan")), line("x to x", "xx"), line("y to x", "yx"), line("x to y", "xy"), line("y to y", "yy"),
  sprintf('  "stable": [%.10f, %.10f, %.10f]', v("RIx", "RIx"), v("RIx", "RIy"), v("RIy", "RIy")), sprintf('  "log_likelihood": %.8f', as.numeric(logLik(f)))), collapse = ",\n"), "\n}\n", sep = "")
