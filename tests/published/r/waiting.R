# Reference for tests/published/test_waiting.py. Run in this folder: Rscript waiting.R
suppressMessages({library(survival); library(jsonlite)})
cases <- list(
  all_arrive = list(t = c(1, 2, 3, 4), d = c(1, 1, 1, 1)),
  half_exactly = list(t = c(1, 2, 3, 4, 5, 6), d = c(1, 1, 1, 0, 0, 0)),
  half_then_more = list(t = c(1, 2, 3, 3.5, 5, 6), d = c(1, 1, 1, 0, 0, 1)),
  ties_at_zero = list(t = c(0, 2, 2, 3, 5, 5, 7, 8, 10, 12, 14, 20, 21, 30), d = c(1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 0)))
set.seed(4); for (n in c(60, 400)) {
  t <- round(rexp(n, 1/9)); seen <- round(runif(n, 2, 40))
  cases[[paste0("drawn_", n)]] <- list(t = pmin(t, seen), d = as.integer(t <= seen)) }
found <- lapply(cases, function(one) {
  q <- quantile(survfit(Surv(one$t, one$d) ~ 1, conf.type = "log-log"), probs = c(.5, .9))
  list(t = one$t, d = one$d, quantile = unname(q$quantile), lower = unname(q$lower), upper = unname(q$upper)) })
out <- list(versions = list(R = R.version.string, survival = as.character(packageVersion("survival"))), cases = found)
write(toJSON(out, digits = 14, auto_unbox = TRUE, pretty = TRUE, na = "null"), "waiting.json")
