# Reference results for effects nested in studies: ML, profile intervals, correlated sampling errors, shared controls.
# Rscript tests/published/r/nested.R   (writes nested.json beside it; data from ../data)
suppressMessages({library(metafor); library(clubSandwich); library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
d <- read.csv(file.path(here, "../data/fibromyalgia_psychotherapy_smd.csv"))
robust <- function(m) {
  t <- coef_test(m, vcov = "CR2", cluster = d$study, test = "Satterthwaite")
  list(se = t$SE, df = if (is.null(t$df_Satt)) t$df else t$df_Satt)
}
one <- function(m) list(b = c(m$beta), se = m$se, sigma2 = m$sigma2, ll = c(logLik(m)), q = m$QE, CR2 = robust(m))
tight <- list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-15, maxit = 1000)
nested <- function(V, ..., method = "REML") {
  rma.mv(yi, V, ..., random = ~ 1 | study / es_id, data = d, method = method, test = "t", control = tight)
}
limits <- function(m) lapply(confint(m, control = list(tol = 1e-12))[1:2], function(x) unname(x$random[1, ]))

# Two arms against one control group show the same control n, mean and SD at one time and outcome: Gleser & Olkin's
# covariance, 1/n_c + g_i g_j / (2 N).
group <- with(d, interaction(study, outcome_domain, instrument, time, n_arm2, mean_arm2, sd_arm2, drop = TRUE))
V <- diag(d$vi)
for (g in names(which(table(group) > 1))) {
  rows <- which(group == g)
  n_all <- sum(d$n_arm1[rows]) + d$n_arm2[rows[1]]
  block <- 1 / d$n_arm2[rows[1]] + outer(d$yi[rows], d$yi[rows]) / (2 * n_all)
  diag(block) <- d$vi[rows]
  V[rows, rows] <- block
}
three <- nested(d$vi)
che <- nested(impute_covariance_matrix(d$vi, cluster = d$study, r = .4), mods = ~ outcome_domain)
own <- 1 * (d$study == "Castel, 2012")
results <- list(
  alone = one(nested(d$vi, mods = ~ own)),
  ml = one(nested(d$vi, method = "ML")), profile = limits(three),
  che_domain = one(che), che_profile = limits(che),
  weeks = one(nested(d$vi, mods = ~ n_sessions_arm1)),
  shared = c(list(groups = sum(table(group) > 1), rows = sum(table(group)[table(group) > 1])), one(nested(V))),
  versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor")),
                  clubSandwich = as.character(packageVersion("clubSandwich")))
)
write_json(results, file.path(here, "nested.json"), auto_unbox = TRUE, digits = I(14), pretty = TRUE)
