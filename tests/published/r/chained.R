# Reference for tests/published/test_mice.py: 400 sets, so that Monte Carlo error is small. Run here: Rscript chained.R
suppressMessages({library(mice); library(jsonlite)})
A <- read.csv("../data/rbmi_antidepressant.csv")
W <- reshape(A[, c("PATIENT", "THERAPY", "BASVAL", "VISIT", "CHANGE")], idvar = c("PATIENT", "THERAPY", "BASVAL"), timevar = "VISIT", direction = "wide")
W$drug <- 1 * (W$THERAPY == "DRUG"); W <- W[, c("BASVAL", "drug", "CHANGE.4", "CHANGE.5", "CHANGE.6", "CHANGE.7")]
one <- function(method) { i <- mice(W, m = 400, maxit = 10, method = method, printFlag = FALSE, seed = 1)
  p <- summary(pool(with(i, lm(CHANGE.7 ~ BASVAL + drug)))); list(b = p$estimate, se = p$std.error, df = p$df) }
R <- W; R$CHANGE.7 <- factor(ifelse(is.na(W$CHANGE.7), NA, ifelse(W$CHANGE.7 <= -12, 1, 0)))
i <- mice(R, m = 400, maxit = 10, printFlag = FALSE, seed = 1)
p <- summary(pool(with(i, lm(as.numeric(as.character(CHANGE.7)) ~ drug))))
out <- list(versions = list(R = R.version.string, mice = as.character(packageVersion("mice"))), pmm = one("pmm"), norm = one("norm"),
            responder = list(b = p$estimate, se = p$std.error, df = p$df))
write(toJSON(out, digits = 12, auto_unbox = TRUE, pretty = TRUE), "chained.json")
