# Reference results for small-study and selection tools, with the stopping rules of metafor made tight:
# Rscript tests/published/r/bias.R   (writes bias.json beside it; data from ../data)
suppressMessages({library(metafor); library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
tight <- list(threshold = 1e-14, maxiter = 10000, stepadj = 0.5)
files <- c(bcg = "ref_bcg_yi_vi.csv", thirdwave = "dmetar_ThirdWave.csv", fibro = "fibro_somatic_post_agg.csv")
one <- function(m) list(b = c(m$beta), se = m$se, tau2 = m$tau2, p = m$pval)
results <- lapply(files, function(file) {
  d <- read.csv(file.path(here, "../data", file))
  res <- rma(yi, vi, data = d, control = tight)
  ml <- rma(yi, vi, data = d, method = "ML", control = tight)
  lm_line <- function(x) { m <- lm(yi ~ x, d, weights = 1 / vi); unname(coef(summary(m))) }
  fill <- function(estimator, side, method) {
    m <- rma(yi, vi, data = d, method = method, control = tight)
    t <- trimfill(m, estimator = estimator, side = side, control = tight)
    list(k0 = t$k0, se = t$se.k0, b = c(t$beta), pooled_se = t$se, tau2 = t$tau2, p = t$p.k0)
  }
  select <- function(step, alternative) {
    s <- selmodel(ml, type = "stepfun", steps = step, alternative = alternative,
                  control = list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-15, maxit = 1000))
    list(b = c(s$beta), se = s$se, tau2 = s$tau2, se_tau2 = s$se.tau2, delta = s$delta[2], se_delta = s$se.delta[2],
         lrt = s$LRT, ll = c(logLik(s)))
  }
  favoured <- if (res$beta[1] > 0) "greater" else "less"
  list(
    pet = one(rma(yi, vi, mods = ~ sqrt(vi), data = d, control = tight)),
    peese = one(rma(yi, vi, mods = ~ vi, data = d, control = tight)),
    pet_lm = lm_line(sqrt(d$vi)), peese_lm = lm_line(d$vi),
    fill = list(L0_left = fill("L0", "left", "REML"), L0_right = fill("L0", "right", "REML"),
                R0_left = fill("R0", "left", "DL"), R0_right = fill("R0", "right", "DL"),
                L0_fixed = fill("L0", "left", "FE")),
    select = list(favoured = favoured, at_025 = select(.025, favoured), at_05 = select(.05, favoured)),
    begg_ties = unlist(ranktest(d$yi, round(d$vi, 2) + .01)[c("tau", "pval")]),
    fail_safe_01 = fsn(yi, vi, data = d, alpha = .01)$fsnum
  )
})
results$equivalence <- {
  x <- c(.31, -.12, .05, .44, -.27, .18, .02, -.09, .13, .21)
  list(x = x, lower = t.test(x, mu = -.3, alternative = "greater")$p.value,
       upper = t.test(x, mu = .3, alternative = "less")$p.value, inner = c(t.test(x, conf.level = .9)$conf.int))
}
results$versions <- list(R = R.version.string, metafor = as.character(packageVersion("metafor")))
write_json(results, file.path(here, "bias.json"), auto_unbox = TRUE, digits = I(14), pretty = TRUE)
