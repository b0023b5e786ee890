# Reference numbers for the mixed model for repeated measures. Run: Rscript mmrm.R
# nlme::gls (tight tolerances): coefficients, standard errors, covariance, log-likelihood.
# lmerTest, pbkrtest, emmeans: Satterthwaite and Kenward-Roger for compound symmetry (a random intercept).
# For unstructured and Toeplitz: dense matrices, written here from Kenward & Roger 1997 with numDeriv for the
# observed information (Satterthwaite) and the closed form of the expected one (Kenward-Roger); the same code is first
# held against pbkrtest on compound symmetry.
suppressMessages({library(nlme); library(lme4); library(lmerTest); library(pbkrtest); library(emmeans); library(numDeriv); library(jsonlite)})
A <- read.csv("../data/rbmi_antidepressant.csv"); A$id <- as.integer(factor(A$PATIENT)); A <- A[order(A$id, A$VISIT), ]
A$visit <- factor(A$VISIT); A$t <- A$VISIT - 3; A$drug <- factor(A$THERAPY, levels = c("PLACEBO", "DRUG"))
A$y <- A$CHANGE; A$base <- A$BASVAL
ctl <- glsControl(tolerance = 1e-12, msTol = 1e-14, maxIter = 500, msMaxIter = 500)

gls_ <- function(formula, corr, weights) {
  m <- gls(formula, data = A, correlation = corr, weights = weights, control = ctl)
  full <- names(which(table(A$id) == 4))[1]
  list(names = names(coef(m)), b = unname(coef(m)), se = unname(sqrt(diag(m$varBeta))), ll = as.numeric(logLik(m)),
       cov = unname(as.matrix(getVarCov(m, individual = full)))[1:4, 1:4])
}

dense <- function(formula, basis, b0) {
  X <- model.matrix(formula, A); y <- A$y; id <- A$id; rows <- split(seq_along(y), id)
  big <- function(B) { M <- matrix(0, length(y), length(y)); for (r in rows) M[r, r] <- B[A$t[r], A$t[r]]; M }
  Bs <- lapply(basis, big)
  dev <- function(th) { V <- Reduce(`+`, Map(`*`, th, Bs)); L <- chol(V); Xs <- backsolve(L, X, transpose = TRUE)
    ys <- backsolve(L, y, transpose = TRUE); Q <- qr(Xs); 2 * sum(log(diag(L))) + 2 * sum(log(abs(diag(qr.R(Q))))) + sum(qr.resid(Q, ys)^2) }
  parts <- function(th) { V <- Reduce(`+`, Map(`*`, th, Bs)); W <- solve(V); Phi <- solve(t(X) %*% W %*% X); list(W = W, Phi = Phi) }
  score <- function(th) { p <- parts(th); P <- p$W - p$W %*% X %*% p$Phi %*% t(X) %*% p$W; Py <- P %*% y
    sapply(Bs, function(B) sum(P * B) - as.numeric(t(Py) %*% B %*% Py)) }
  th <- b0
  for (i in 1:200) { p <- parts(th); P <- p$W - p$W %*% X %*% p$Phi %*% t(X) %*% p$W
    PB <- lapply(Bs, function(B) P %*% B); I <- outer(seq_along(Bs), seq_along(Bs), Vectorize(function(j, k) sum(PB[[j]] * t(PB[[k]]))))
    step <- solve(I, -score(th)); th <- th + step; if (max(abs(step)) < 1e-11 * max(abs(th))) break }
  p <- parts(th); Phi <- p$Phi; W <- p$W; P <- W - W %*% X %*% Phi %*% t(X) %*% W
  PB <- lapply(Bs, function(B) P %*% B); I <- outer(seq_along(Bs), seq_along(Bs), Vectorize(function(j, k) sum(PB[[j]] * t(PB[[k]]))))
  w <- 2 * solve(I); H <- jacobian(score, th); s <- 2 * solve((H + t(H)) / 2)
  Pj <- lapply(Bs, function(B) -t(X) %*% W %*% B %*% W %*% X)
  mid <- matrix(0, ncol(X), ncol(X))
  for (j in seq_along(Bs)) for (k in seq_along(Bs)) mid <- mid + w[j, k] * (t(X) %*% W %*% Bs[[j]] %*% W %*% Bs[[k]] %*% W %*% X - Pj[[j]] %*% Phi %*% Pj[[k]])
  PhiA <- Phi + 2 * Phi %*% mid %*% Phi
  b <- as.vector(Phi %*% t(X) %*% W %*% y)
  list(X = X, th = th, b = b, Phi = Phi, PhiA = PhiA, w = w, s = s, Pj = Pj)
}
one <- function(d, l, kr) {
  Phi <- d$Phi; S <- if (kr) d$w else d$s; v <- as.numeric(t(l) %*% Phi %*% l)
  g <- sapply(d$Pj, function(P) as.numeric(t(l) %*% Phi %*% P %*% Phi %*% l))
  se <- if (kr) sqrt(as.numeric(t(l) %*% d$PhiA %*% l)) else sqrt(v)
  list(estimate = sum(l * d$b), se = se, df = 2 * v^2 / as.numeric(t(g) %*% S %*% g))
}
un <- list(); for (i in 1:4) for (j in 1:i) { B <- matrix(0, 4, 4); B[i, j] <- B[j, i] <- 1; un[[length(un) + 1]] <- B }
toep <- lapply(0:3, function(k) 1 * (abs(outer(1:4, 1:4, "-")) == k))
cs <- list(diag(4), 1 - diag(4))
f <- y ~ base + visit * drug
out <- list(versions = sapply(c("nlme", "lme4", "lmerTest", "pbkrtest", "emmeans", "numDeriv"), function(p) as.character(packageVersion(p))), R = R.version.string)
out$ar1 <- gls_(f, corAR1(form = ~ t | id), NULL)
out$un <- gls_(f, corSymm(form = ~ t | id), varIdent(form = ~ 1 | visit))
out$un_base_by_visit <- gls_(y ~ base * visit + visit * drug, corSymm(form = ~ t | id), varIdent(form = ~ 1 | visit))
out$cs <- gls_(f, corCompSymm(form = ~ t | id), NULL)
m <- lmer(f <- y ~ base + visit * drug + (1 | id), A)
out$cs_emmeans_kr <- as.data.frame(summary(pairs(emmeans(m, ~ drug | visit, lmer.df = "kenward-roger"), reverse = TRUE), infer = TRUE))
out$cs_emmeans_satterthwaite <- as.data.frame(summary(pairs(emmeans(m, ~ drug | visit, lmer.df = "satterthwaite"), reverse = TRUE), infer = TRUE))
out$cs_means_kr <- as.data.frame(summary(emmeans(m, ~ drug | visit, lmer.df = "kenward-roger", at = list(base = mean(A$base[!duplicated(A$id)]))), infer = TRUE))
f <- y ~ base + visit * drug
contrasts_ <- function(d) { nm <- colnames(d$X); lapply(4:7, function(v) { l <- setNames(rep(0, length(nm)), nm); l["drugDRUG"] <- 1
  if (v > 4) l[paste0("visit", v, ":drugDRUG")] <- 1; list(visit = v, satterthwaite = one(d, l, FALSE), kenward_roger = one(d, l, TRUE)) }) }
dc <- dense(f, cs, c(30, 20)); k <- contrasts_(dc); e <- out$cs_emmeans_kr
stopifnot(max(abs(sapply(k, function(z) z$kenward_roger$df) - e$df)) < 1e-3, max(abs(sapply(k, function(z) z$kenward_roger$se) - e$SE)) < 1e-6)
S <- out$un$cov
out$un_contrasts <- contrasts_(dense(f, un, S[lower.tri(S, TRUE)][c(1, 2, 5, 3, 6, 8, 4, 7, 9, 10)]))
out$toeplitz_contrasts <- contrasts_(dense(f, toep, c(35, 25, 20, 18)))
write_json(out, "mmrm.json", auto_unbox = TRUE, digits = 12, pretty = FALSE)
