# Reference for tests/published/test_events_and_counts.py. Run in this folder: Rscript events_and_counts.R
suppressMessages({library(survival); library(MASS); library(jsonlite)})
set.seed(11); n <- 220
arm <- rbinom(n, 1, .5); age <- round(rnorm(n, 45, 12)); t0 <- ceiling(rexp(n, .01 * exp(.5 * arm - .01 * (age - 45))) )
end <- sample(30:84, n, TRUE); day <- pmin(t0, end); left <- as.numeric(t0 <= end)
time <- round(runif(n, 20, 60)); visits <- rnbinom(n, mu = time / 20 * exp(.4 * arm), size = 1.5); calm <- rpois(n, 2)
d <- data.frame(arm, age, day, left, time, visits, calm); write.csv(d, "../data/events_and_counts.csv", row.names = FALSE)
k <- survfit(Surv(day, left) ~ 1, conf.type = "log-log"); s <- summary(k)
lr <- survdiff(Surv(day, left) ~ arm); cx <- coxph(Surv(day, left) ~ arm + age)
nb <- glm.nb(visits ~ arm + age + offset(log(time)), control = glm.control(epsilon = 1e-12, maxit = 100)); po <- glm(calm ~ arm, poisson)
out <- list(versions = list(R = R.version.string, survival = as.character(packageVersion("survival")), MASS = as.character(packageVersion("MASS"))),
  km = list(time = s$time, stay = s$surv, low = s$lower, high = s$upper, median = unname(summary(k)$table["median"])),
  logrank = list(chisq = lr$chisq, exp = lr$exp), cox = list(b = unname(coef(cx)), se = unname(sqrt(diag(vcov(cx)))), ll = cx$loglik[2]),
  nb = list(b = unname(coef(nb)), se = unname(sqrt(diag(vcov(nb)))), theta = nb$theta, ll = as.numeric(logLik(nb))),
  poisson = list(b = unname(coef(po)), se = unname(sqrt(diag(vcov(po)))), ll = as.numeric(logLik(po))))
write(toJSON(out, digits = 14, auto_unbox = TRUE, pretty = TRUE), "events_and_counts.json")
