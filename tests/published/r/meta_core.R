# Core synthesis results of metafor with its stopping rules made tight (its defaults leave tau^2 about 3e-5 from the
# maximum). Data: ../data/*.csv. Run in this folder: Rscript meta_core.R
suppressMessages({library(metafor); library(jsonlite)})
tight <- list(threshold = 1e-12, maxiter = 5000, tol = 1e-13)
read <- function(name) read.csv(paste0("../data/", name, ".csv"))
sets <- list(bcg = read("ref_bcg_yi_vi"), thirdwave = read("dmetar_ThirdWave"),
             fibro_somatic_post_agg = read("fibro_somatic_post_agg"),
             gandy = transform(read.csv("../data/gandy2022_forest_interference.csv", comment.char = "#"),
                               yi = g, vi = se^2))
one <- function(r) list(
  k = r$k, b = as.vector(r$beta), names = rownames(r$beta), se = r$se, stat = r$zval, p = r$pval, low = r$ci.lb,
  high = r$ci.ub, tau2 = r$tau2, se_tau2 = r$se.tau2, i2 = r$I2, h2 = r$H2, q = r$QE, q_p = r$QEp, qm = r$QM,
  qm_p = r$QMp, r2 = r$R2, ll = as.numeric(logLik(r)), aic = AIC(r), bic = BIC(r), cov = unname(r$vb))
fit <- function(d, method = "REML", test = "z", mods = NULL, ...) {
  a <- list(yi = d$yi, vi = d$vi, data = d, method = method, test = test, control = tight, ...)
  if (!is.null(mods)) a$mods <- mods
  suppressWarnings(do.call(rma, a))
}
infl <- function(r) {
  x <- suppressWarnings(influence(r))
  list(inf = unclass(x$inf)[c("rstudent", "dffits", "cook.d", "cov.r", "tau2.del", "QE.del", "hat", "weight")],
       dfbs = lapply(unclass(x$dfbs)[rownames(r$beta)], as.vector), is_infl = x$is.infl)
}
loo <- function(r) {
  x <- unclass(suppressWarnings(leave1out(r)))
  x[c("estimate", "se", "pval", "ci.lb", "ci.ub", "Q", "Qp", "tau2", "I2", "H2")]
}
cumulate <- function(r, order) unclass(suppressWarnings(metafor::cumul(r, order = order)))[c("estimate", "se", "pvals", "ci.lb", "ci.ub", "tau2", "I2")]
methods <- c("REML", "ML", "PM", "EB", "DL", "HE", "HS", "SJ", "FE")
out <- list(versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor"))))
for (name in names(sets)) {
  d <- sets[[name]]; e <- list()
  for (m in methods) for (t in c("z", "knha", "adhoc")) if (!(m == "FE" && t == "adhoc"))
    e[[paste(m, t, sep = "_")]] <- one(fit(d, m, t))
  z <- fit(d); k <- fit(d, test = "knha")
  ci <- confint(z, control = list(tol = 1e-13, maxiter = 10000))$random
  e$q_profile <- list(tau2 = ci[1, ], i2 = ci[3, ], h2 = ci[4, ])
  pi <- function(r) { p <- predict(r); c(p$pi.lb, p$pi.ub) }
  e$pi <- list(z = pi(z), knha = pi(k))
  e$leave_one_out <- list(z = loo(z), knha = loo(k), dl = loo(fit(d, "DL")))
  e$influence <- list(z = infl(z), knha = infl(k), fe = infl(fit(d, "FE")), pm = infl(fit(d, "PM")))
  e$cumulative <- cumulate(k, d$vi)
  b <- blup(z); e$blup <- list(pred = b$pred, se = b$se)
  out[[name]] <- e
}
b <- sets$bcg
out$regression <- list(
  both = one(fit(b, test = "knha", mods = ~ ablat + year)), z = one(fit(b, mods = ~ ablat + year)),
  ml = one(fit(b, "ML", mods = ~ ablat)), dl = one(fit(b, "DL", mods = ~ ablat)), fe = one(fit(b, "FE", mods = ~ ablat)),
  pm = one(fit(b, "PM", "knha", mods = ~ ablat + year)), he = one(fit(b, "HE", mods = ~ ablat)),
  hs = one(fit(b, "HS", mods = ~ ablat)), sj = one(fit(b, "SJ", mods = ~ ablat)), eb = one(fit(b, "EB", mods = ~ ablat)),
  no_intercept = one(fit(b, mods = ~ 0 + alloc2)),
  words = one(fit(sets$thirdwave, test = "knha", mods = ~ InterventionDuration + RiskOfBias)),
  influence = infl(fit(b, test = "knha", mods = ~ ablat + year)),
  influence_words = infl(fit(b, mods = ~ alloc2)),
  predicted = unclass(predict(fit(b, test = "knha", mods = ~ ablat), newmods = 44))[c("pred", "se", "ci.lb", "ci.ub", "pi.lb", "pi.ub")])
sub <- function(d, by) {
  g <- split(d, factor(d[[by]], levels = unique(d[[by]])))
  list(groups = lapply(g, function(x) one(fit(x))), common = one(fit(d, mods = as.formula(paste("~ factor(", by, ")")))),
       levels = names(g), common_means = one(fit(d, mods = as.formula(paste("~ 0 + factor(", by, ")")))),
       common_knha = one(fit(d, test = "knha", mods = as.formula(paste("~ factor(", by, ")")))))
}
out$subgroups <- list(bcg = sub(b, "alloc2"), thirdwave = sub(sets$thirdwave, "TypeControlGroup"))
exact <- b[1:5, ]
set.seed(1)
out$permutation <- list(exact_intercept = permutest(fit(exact), exact = TRUE, progbar = FALSE)$pval,
  exact_slope = permutest(fit(exact, "DL", mods = ~ ablat), exact = TRUE, progbar = FALSE)[c("pval", "QMp")])
set.seed(1)
m <- permutest(fit(b, test = "knha", mods = ~ ablat + year), iter = 1000, progbar = FALSE)
out$permutation$random <- list(pval = m$pval, QMp = m$QMp, iter = 1000)
write_json(out, "meta_core.json", auto_unbox = TRUE, digits = 15, na = "null", pretty = FALSE)
