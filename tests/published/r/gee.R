# Reference numbers for generalised estimating equations. Run: Rscript gee.R
suppressMessages({library(geepack); library(jsonlite)})
A <- read.csv("../data/rbmi_antidepressant.csv"); A$id <- as.integer(factor(A$PATIENT)); A <- A[order(A$id, A$VISIT), ]
A$t <- A$VISIT - 3; A$drug <- 1 * (A$THERAPY == "DRUG"); A$base <- A$BASVAL
A$resp <- as.integer(A$HAMDTL17 <= .5 * A$BASVAL); A$half <- A$HAMDTL17 + .5
tight <- geese.control(epsilon = 1e-12, maxit = 200)
g_ <- function(f, cor, fam = gaussian, A = whole) { g <- geeglm(f, id = id, waves = t, data = A, corstr = cor, std.err = "san.se", family = fam, control = tight)
  s <- summary(g)$coefficients; list(names = rownames(s), b = s[, 1], se = s[, 2], alpha = unname(g$geese$alpha), scale = unname(g$geese$gamma)) }
f <- y ~ base + t * drug; A$y <- A$CHANGE; whole <- A; complete <- A[A$id %in% which(table(A$id) == 4), ]
out <- list(versions = list(geepack = as.character(packageVersion("geepack"))), R = R.version.string)
for (k in c("independence", "exchangeable", "ar1")) out[[paste0("gaussian_", k)]] <- g_(f, k)
# geepack 1.3.9 crashes on an unstructured correlation with missing waves, so that one is of those with all four visits.
out$gaussian_unstructured_complete <- g_(f, "unstructured", A = complete)
out$binomial_exchangeable <- g_(resp ~ base + t * drug, "exchangeable", binomial)
out$gamma_exchangeable <- g_(half ~ base + t * drug, "exchangeable", Gamma("log"))
out$gamma_independence <- g_(half ~ base + t * drug, "independence", Gamma("log"))
out$poisson_exchangeable <- g_(HAMDTL17 ~ base + t * drug, "exchangeable", poisson)
write_json(out, "gee.json", auto_unbox = TRUE, digits = 12)
