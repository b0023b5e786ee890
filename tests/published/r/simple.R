# Reference numbers for effect sizes, proportions, ranks, logistic regression, multiplicity, pooling. Run: Rscript simple.R
suppressMessages({library(metafor); library(mice); library(jsonlite)})
out <- list(versions = sapply(c("metafor", "mice"), function(p) as.character(packageVersion(p))), R = R.version.string)
n <- dat.normand1999
e <- escalc("SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = n)
out$smd <- list(m1 = n$m1i, sd1 = n$sd1i, n1 = n$n1i, m2 = n$m2i, sd2 = n$sd2i, n2 = n$n2i, yi = as.numeric(e$yi), vi = e$vi)
b <- list(m1 = c(30, 24.5), m2 = c(24, 26), sd1 = c(10, 8), sd2 = c(11, 9), n = c(45, 12), r = c(.5, .7))
for (k in c("SMCR", "SMCC")) { e <- with(b, escalc(k, m1i = m2, m2i = m1, sd1i = if (k == "SMCR") sd1 else sd2, sd2i = if (k == "SMCR") sd2 else sd1, ni = n, ri = r)); b[[k]] <- list(yi = as.numeric(e$yi), vi = e$vi) }
out$within <- b
w <- prop.test(8, 20, correct = FALSE)$conf.int; w0 <- prop.test(0, 15, correct = FALSE)$conf.int
out$wilson <- list(eight_of_20 = as.numeric(w), none_of_15 = as.numeric(w0))
# t noncentral limits of delta for t = 2.1 on 30 df
nc <- function(p) uniroot(function(d) pt(2.1, 30, d) - p, c(-5, 10), tol = 1e-13)$root
out$noncentral <- c(nc(.975), nc(.025))
x <- c(1.83, .50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30); y <- c(.878, .647, .598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29)
s <- wilcox.test(x, y, paired = TRUE, conf.int = TRUE); out$nine <- list(x = x, y = y, V = unname(s$statistic), p = s$p.value, estimate = unname(s$estimate), low = s$conf.int[1], high = s$conf.int[2], conf = attr(s$conf.int, "conf.level"))
a <- c(.80, .83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, .73, 1.46); z <- c(1.15, .88, .90, .74, 1.21)
s <- wilcox.test(a, z, conf.int = TRUE); out$two <- list(x = a, y = z, W = unname(s$statistic), p = s$p.value, estimate = unname(s$estimate), low = s$conf.int[1], high = s$conf.int[2])
d <- read.csv("../data/ashar2022_wide_patients.csv", check.names = FALSE)
p <- d[d$g == "PRT", ]; u <- d[d$g == "UC", ]
s <- suppressWarnings(wilcox.test(p$`pain_avg.2`, p$`pain_avg.1`, paired = TRUE)); out$ties_paired <- list(V = unname(s$statistic), p = s$p.value)
s <- suppressWarnings(wilcox.test(p$ch, u$ch, conf.int = TRUE)); out$ties_two <- list(W = unname(s$statistic), p = s$p.value, estimate = unname(s$estimate), low = s$conf.int[1], high = s$conf.int[2])
t2 <- read.csv("../data/sim_therapist2.csv"); g <- glm(complete ~ pre + alliance, binomial, t2, control = list(epsilon = 1e-14)); q <- summary(g)$coefficients
out$glm <- list(names = rownames(q), b = q[, 1], se = q[, 2], ll = as.numeric(logLik(g)))
r <- rank(fitted(g)); n1 <- sum(t2$complete); n0 <- sum(1 - t2$complete); out$auc <- (sum(r[t2$complete == 1]) - n1 * (n1 + 1) / 2) / (n1 * n0)
pv <- c(.01, .04, .03, .005, .6, .04); out$p_adjust <- c(list(p = pv), sapply(c("bonferroni", "holm", "hochberg", "BH", "BY"), function(m) p.adjust(pv, m), simplify = FALSE))
set.seed(20); est <- rnorm(20, -2.7, .44); se <- runif(20, 1, 1.05); k <- pool.scalar(est, se^2, n = 172, k = 3)
out$pool <- list(est = est, se = se, n = 172, k = 3, qbar = k$qbar, ubar = k$ubar, b = k$b, t = k$t, df = k$df, fmi = k$fmi, r = k$r)
ct <- cor.test(t2$pre, t2$alliance); out$cor <- list(r = unname(ct$estimate), low = ct$conf.int[1], high = ct$conf.int[2], p = ct$p.value)
write_json(out, "simple.json", auto_unbox = TRUE, digits = 12)
