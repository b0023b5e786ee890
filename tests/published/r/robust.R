# Reference numbers for cluster-robust least squares and analysis of covariance. Run: Rscript robust.R
suppressMessages({library(clubSandwich); library(sandwich); library(jsonlite)})
d <- read.csv("../data/sim_therapist2.csv"); d$arm <- ifelse(d$therapist %% 2 == 0, 1, 0)
w <- read.csv("../data/ashar2022_wide_patients.csv", check.names = FALSE)
cr <- function(m, cl) { z <- coef_test(m, vcov = "CR2", cluster = cl, test = "Satterthwaite"); list(names = rownames(z), b = z$beta, se = z$SE, df = if (is.null(z$df_Satt)) z$df else z$df_Satt, p = if (is.null(z$p_Satt)) z$p_val else z$p_Satt) }
out <- list(versions = sapply(c("clubSandwich", "sandwich"), function(p) as.character(packageVersion(p))), R = R.version.string)
out$therapists <- cr(lm(post ~ pre + arm, d), d$therapist)
s <- d[d$therapist <= 6, ]; out$six_therapists <- cr(lm(post ~ pre + arm, s), s$therapist)
w <- w[w$g %in% c("PRT", "UC"), ]; w$arm <- 1 * (w$g == "PRT"); w$pre <- w$`pain_avg.1`; w$post <- w$`pain_avg.2`; w <- w[!is.na(w$post) & !is.na(w$pre), ]
m <- lm(post ~ arm + pre, w); z <- summary(m)$coefficients
out$ashar_classical <- list(b = z["arm", 1], se = z["arm", 2], df = m$df.residual, n = nrow(w))
out$ashar_hc2 <- cr(m, seq_len(nrow(w))); out$ashar_hc2_sandwich <- sqrt(diag(vcovHC(m, "HC2")))
out$within_between <- cr(lm(post ~ all_cwc + all_cm + pre, d), d$therapist)
write_json(out, "robust.json", auto_unbox = TRUE, digits = 12)
