# Difference between arms at values of a moderator: HC2 with Satterthwaite df, and where the interval leaves zero out.
# Run: Rscript moderation.R > moderation.json (base R, clubSandwich). Data are made here and written out with the results.
suppressMessages({library(clubSandwich); library(jsonlite)})
set.seed(7)
n <- 90
arm <- rep(0:1, n / 2); m <- round(rnorm(n, 50, 10), 2); base <- round(rnorm(n), 3)
y <- round(1 + .02 * m + .6 * base + arm * (.12 * (m - 45)) + rnorm(n, 0, 2), 3)
fit <- lm(y ~ arm + m + arm:m + base)
V <- vcovCR(fit, cluster = seq_len(n), type = "CR2")
at <- function(x) { r <- linear_contrast(fit, V, contrasts = matrix(c(0, 1, 0, 0, x), 1), test = "Satterthwaite"); c(r$Est, r$SE, r$df, r$CI_L, r$CI_U) }
grid <- c(35, 45, 55, 65)
edge <- uniroot(function(x) at(x)[4], c(40, 60), tol = 1e-10)$root
ct <- coef_test(fit, V, test = "Satterthwaite")
cat(toJSON(list(data = list(arm = arm, m = m, base = base, y = y), at = lapply(grid, at), grid = grid, edge = edge,
  interaction = c(ct["arm:m", "beta"], ct["arm:m", "SE"], ct["arm:m", "df_Satt"])), digits = NA, auto_unbox = TRUE))
