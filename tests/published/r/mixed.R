# Reference numbers for random intercepts of clusters. Run: Rscript mixed.R
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(jsonlite)})
d <- read.csv("../data/sim_therapist2.csv"); h <- read.csv("../data/sim_therapist3.csv")
set.seed(3); d$arm <- ifelse(d$therapist %% 2 == 0, "b", "a")
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10))
fit <- function(f, data) {
  m <- lmerTest::lmer(f, data, control = tight); s <- summary(m)$coefficients; k <- summary(m, ddf = "Kenward-Roger")$coefficients
  v <- as.data.frame(VarCorr(m))
  list(names = rownames(s), b = s[, 1], se = s[, 2], df = s[, 3], se_kr = k[, 2], df_kr = k[, 3], groups = v$grp, variances = v$vcov, ll = as.numeric(logLik(m)))
}
out <- list(versions = sapply(c("lme4", "lmerTest", "pbkrtest"), function(p) as.character(packageVersion(p))), R = R.version.string)
out$null <- fit(post ~ 1 + (1 | therapist), d)
out$adjusted <- fit(post ~ pre + (1 | therapist), d)
out$arm <- fit(post ~ pre + arm + (1 | therapist), d)
small <- d[d$therapist <= 8, ]
out$small <- fit(post ~ pre + arm + (1 | therapist), small)
out$nested <- fit(y ~ time * trt + (1 | th/id), h)
m <- lmer(post ~ pre + (1 | therapist), d, control = tight); r <- as.data.frame(ranef(m, condVar = TRUE))
out$effects <- list(therapist = as.character(r$grp), effect = r$condval, se = r$condsd)
m3 <- lmer(y ~ time * trt + (1 | th/id), h, control = tight); r <- as.data.frame(ranef(m3, condVar = TRUE))
out$effects_nested <- lapply(split(r, as.character(r$grpvar)), function(z) list(label = as.character(z$grp), effect = z$condval, se = z$condsd))
out$lrt <- 2 * as.numeric(logLik(m, REML = TRUE) - logLik(lm(post ~ pre, d), REML = TRUE))
# Exact interval of the variance ratio, from its definition with dense matrices (Harville & Fenech 1985).
X <- model.matrix(~ pre, d); Z <- model.matrix(~ 0 + factor(therapist), d); y <- d$post
M <- diag(nrow(X)) - X %*% solve(crossprod(X)) %*% t(X); e <- eigen(t(Z) %*% M %*% Z, symmetric = TRUE)
keep <- e$values > 1e-8; t2 <- (t(e$vectors[, keep]) %*% t(Z) %*% M %*% y)^2 / e$values[keep]; r <- sum(keep)
full <- lm(post ~ pre + factor(therapist), d); sse <- sum(resid(full)^2); f <- full$df.residual
G <- function(l) sum(t2 / (1 + l * e$values[keep])) / r / (sse / f)
lim <- function(q) uniroot(function(l) G(l) - q, c(0, 50), tol = 1e-14)$root
l <- c(lim(qf(.975, r, f)), lim(qf(.025, r, f)))
out$exact <- list(low = l[1] / (1 + l[1]), high = l[2] / (1 + l[2]), p = pf(G(0), r, f, lower.tail = FALSE), p_anova = anova(lm(post ~ pre, d), full)[2, "Pr(>F)"])
write_json(out, "mixed.json", auto_unbox = TRUE, digits = 12)
