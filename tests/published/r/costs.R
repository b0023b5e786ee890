# Cost and effect of two arms: differences, net benefit regression, HC2 and CR2 errors, Fieller, share of a bootstrap.
# Run: Rscript costs.R > costs.json (base R, sandwich, clubSandwich). Data are made here and written out with the results.
suppressMessages({library(sandwich); library(clubSandwich); library(jsonlite)})
set.seed(20240118)
n <- 120
arm <- rep(0:1, each = n / 2)
therapist <- rep(1:12, each = n / 12)
u0 <- round(pmin(pmax(rnorm(n, .55, .18), -.2), 1), 3)
c0 <- round(rgamma(n, 1.2, scale = 600), 2)
effect <- round(.2 * .0 + .7 * u0 + .03 * arm + .1 + rnorm(12, 0, .02)[therapist] + rnorm(n, 0, .09), 4)
cost <- round(400 + .5 * c0 + 350 * arm + rnorm(12, 0, 60)[therapist] + rgamma(n, 1.5, scale = 300), 2)
plain_c <- lm(cost ~ arm); plain_e <- lm(effect ~ arm)
adj_c <- lm(cost ~ arm + c0); adj_e <- lm(effect ~ arm + u0)
nb <- function(l, f) { d <- l * effect - cost; lm(f, data = data.frame(d, arm, u0, c0)) }
one <- function(fit, type) { b <- coef(fit)["arm"]; s <- sqrt(vcovHC(fit, type)["arm", "arm"]); c(b, s) }
full <- nb(20000, d ~ arm + c0 + u0)
cr2 <- coef_test(full, vcovCR(full, cluster = therapist, type = "CR2"), test = "Satterthwaite")
boot <- t(replicate(20000, {
  i <- c(sample(which(arm == 0), replace = TRUE), sample(which(arm == 1), replace = TRUE))
  c(coef(lm.fit(cbind(1, arm, c0)[i, ], cost[i]))[2], coef(lm.fit(cbind(1, arm, u0)[i, ], effect[i]))[2])
}))
fieller <- function(a, b, v, z = qnorm(.975)) {
  A <- b^2 - z^2 * v[2, 2]; B <- a * b - z^2 * v[1, 2]; C <- a^2 - z^2 * v[1, 1]
  (B + c(-1, 1) * sqrt(B^2 - A * C)) / A
}
V <- matrix(c(90, .001, .001, .0001), 2) * matrix(c(90, 1, 1, .0001), 2)
trapezium <- function(d, u) sum(diff(d) * (head(u, -1) + tail(u, -1)) / 2) / 365.25
cat(toJSON(list(
  data = list(arm = arm, therapist = therapist, u0 = u0, c0 = c0, effect = effect, cost = cost),
  plain = list(cost = coef(plain_c)[["arm"]], effect = coef(plain_e)[["arm"]]),
  adjusted = list(cost = coef(adj_c)[["arm"]], effect = coef(adj_e)[["arm"]]),
  nb_hc2 = unname(one(full, "HC2")), nb_cr2 = c(cr2["arm", "beta"], cr2["arm", "SE"], cr2["arm", "df_Satt"]),
  draws = list(sd = unname(apply(boot, 2, sd)), limits_cost = unname(quantile(boot[, 1], c(.025, .975))),
    limits_effect = unname(quantile(boot[, 2], c(.025, .975))), cor = cor(boot)[1, 2],
    worth_10000 = mean(10000 * boot[, 2] > boot[, 1]), worth_20000 = mean(20000 * boot[, 2] > boot[, 1])),
  fieller = list(top = 300, bottom = .05, v = V, limits = fieller(300, .05, V)),
  qaly = list(days = c(0, 84, 182, 365), u = c(.5, .62, .6, .71), value = trapezium(c(0, 84, 182, 365), c(.5, .62, .6, .71)))
), digits = NA, auto_unbox = TRUE))
