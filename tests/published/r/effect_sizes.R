# Reference numbers for every effect measure that metafor's escalc shares with ours. Run: Rscript effect_sizes.R
suppressMessages({library(metafor); library(jsonlite)})
out <- list(versions = list(metafor = as.character(packageVersion("metafor")), R = R.version.string))
two <- function(e) list(yi = as.numeric(e$yi), vi = as.numeric(e$vi))
run <- function(data, measure, vtype = "LS", ...) two(do.call(escalc, c(list(measure = measure, vtype = vtype), data, list(...))))
n <- dat.normand1999
means <- list(m1i = n$m1i, sd1i = n$sd1i, n1i = n$n1i, m2i = n$m2i, sd2i = n$sd2i, n2i = n$n2i)
# Made: small and unequal groups, unequal SDs, a mean near the other, a negative difference
made <- list(m1i = c(22.5, 6.1, 48.2, 14, 31.3, 9.9), sd1i = c(8.1, 2.4, 10.5, 3.3, 15, 4.2), n1i = c(18, 5, 240, 9, 61, 33),
             m2i = c(25.1, 5.2, 44.9, 17.5, 31.1, 12.6), sd2i = c(7.2, 2.9, 14.8, 5.1, 9.6, 4.0), n2i = c(21, 7, 118, 31, 22, 33))
groups <- list(SMD = c("LS", "LS2", "UB", "AV"), SMD1 = c("LS", "LS2", "UB", "AV"), SMDH = "LS", SMD1H = "LS", MD = c("LS", "HO"),
               ROM = c("LS", "HO", "AV", "AVHO"), VR = "LS", CVR = "LS", RPB = c("ST", "CS"), RBIS = "LS", D2ORL = "LS", D2ORN = "LS")
for (set in c("normand1999", "made")) {
  d <- if (set == "made") made else means
  out$groups[[set]]$columns <- d
  for (m in names(groups)) for (v in groups[[m]]) out$groups[[set]]$results[[m]][[v]] <- run(d, m, v)
}
w <- list(m_pre = c(30.2, 22.1, 18, 54.4, 7.7), sd_pre = c(8.1, 6.5, 5.2, 12.6, 2.2), m_post = c(22.5, 18.3, 15.9, 56.0, 7.1),
          sd_post = c(9, 7, 5.5, 15.1, 1.6), ni = c(50, 120, 23, 8, 311), ri = c(.5, .6, .45, .81, .3))
post_first <- list(m1i = w$m_post, sd1i = w$sd_post, m2i = w$m_pre, sd2i = w$sd_pre, ni = w$ni, ri = w$ri)
# SMCR and SMCRH divide by sd1i, which therefore is the SD before
by_baseline <- list(m1i = w$m_post, sd1i = w$sd_pre, m2i = w$m_pre, sd2i = w$sd_post, ni = w$ni, ri = w$ri)
out$within$columns <- w
for (m in c("SMCC", "MC", "ROMC")) out$within$results[[m]] <- run(post_first, m)
for (m in c("SMCR", "SMCRH")) out$within$results[[m]] <- run(by_baseline, m)
# Tables with no event in one group, in both, and in nobody's absence
b <- list(ai = c(12, 0, 7, 45, 3, 0, 20), n1i = c(20, 14, 31, 61, 150, 25, 20), ci = c(5, 3, 7, 30, 9, 0, 11), n2i = c(21, 15, 29, 66, 148, 24, 19))
cells <- list(ai = b$ai, n1i = b$n1i, ci = b$ci, n2i = b$n2i)
out$table$columns <- b
for (m in c("OR", "RR", "PETO", "AS", "PBIT", "OR2DL", "OR2DN")) out$table$results[[m]]$LS <- run(cells, m)
for (v in c("LS", "UB", "AV")) out$table$results$RD[[v]] <- run(cells, "RD", v)
for (to in c("all", "if0all", "none")) for (m in c("OR", "RR", "RD")) out$table$to[[to]][[m]] <- suppressWarnings(run(cells, m, to = to))
out$table$drop00 <- run(cells, "OR", drop00 = TRUE)
out$table$add <- run(cells, "OR", add = .25)
r <- list(ri = c(.278, -.11, .63, 0, -.92), ni = c(40, 12, 300, 7, 19))
out$correlation$columns <- r
out$correlation$results <- list(COR = list(LS = run(r, "COR"), AV = run(r, "COR", "AV")), ZCOR = list(LS = run(r, "ZCOR")),
  UCOR = list(LS = run(r, "UCOR"), UB = run(r, "UCOR", "UB"), AV = run(r, "UCOR", "AV")))
s <- list(xi = c(0, 12, 40, 25), ni = c(11, 30, 55, 25))
out$share$columns <- s
for (m in c("PR", "PLO", "PAS")) out$share$results[[m]] <- run(s, m)
one <- list(mi = c(15.2, 7.7, 52), sdi = c(4.4, 3.1, 11.8), ni = c(30, 212, 9))
out$mean$columns <- one
for (m in c("MN", "MNLN")) out$mean$results[[m]] <- run(one, m)
# Morris (2008), table 5: five studies of Carlson and Schmidt (1999), as on metafor's page of that analysis
t <- list(m_pre = c(30.6, 23.5, .5, 53.4, 35.6), m_post = c(38.5, 26.8, .7, 75.9, 36), sd_pre = c(15, 3.1, .1, 14.5, 4.7), ni = c(20, 50, 9, 10, 14), ri = c(.47, .64, .77, .89, .44))
k <- list(m_pre = c(23.1, 24.9, .6, 55.7, 34.8), m_post = c(19.7, 25.3, .6, 60.7, 33.4), sd_pre = c(13.8, 4.1, .2, 17.3, 3.1), ni = c(20, 42, 9, 11, 14), ri = c(.47, .64, .77, .89, .44))
smcr <- function(x) run(list(m1i = x$m_post, m2i = x$m_pre, sd1i = x$sd_pre, ni = x$ni, ri = x$ri), "SMCR")
a <- smcr(t); c <- smcr(k)
out$morris <- list(treated = t, control = k, PPC1 = list(yi = a$yi - c$yi, vi = a$vi + c$vi), printed_d_ppc2 = c(.77, .80, 1.20, 1.05, .44))
# t, F and p of tests on made raw data, whose means give the effect directly
x <- c(3.1, 4.7, 5.2, 2.2, 6.9, 4.4, 5.0); y <- c(6.2, 5.5, 7.9, 4.8, 8.8, 6.1, 7.0, 5.9, 9.1)
tt <- t.test(x, y, var.equal = TRUE); f <- anova(lm(c(x, y) ~ rep(1:2, c(7, 9))))
e <- escalc("SMD", m1i = mean(x), sd1i = sd(x), n1i = 7, m2i = mean(y), sd2i = sd(y), n2i = 9)
out$tests <- list(t = unname(tt$statistic), p = tt$p.value, F = f[1, 4], n1 = 7, n2 = 9, yi = as.numeric(e$yi), vi = as.numeric(e$vi),
  from_t = two(escalc("SMD", ti = unname(tt$statistic), n1i = 7, n2i = 9)), x = x, y = y)
z <- x - rev(y)[1:7]
out$tests$paired <- list(t = unname(t.test(x, rev(y)[1:7], paired = TRUE)$statistic), before = rev(y)[1:7], after = x)
write_json(out, "effect_sizes.json", auto_unbox = TRUE, digits = I(15), na = "null")
