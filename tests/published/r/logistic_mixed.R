# Reference fit for tests/published/test_logistic_mixed.py. Run in this folder: Rscript logistic_mixed.R
suppressMessages({library(lme4); library(jsonlite)})
d <- read.csv("../data/sim_therapist2.csv")
m <- glmer(complete ~ pre + all_cwc + all_cm + (1 | therapist), d, binomial, nAGQ = 15,
           control = glmerControl(tolPwrss = 1e-10, optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9)))
s <- summary(m)$coefficients
out <- list(versions = list(R = R.version.string, lme4 = as.character(packageVersion("lme4"))), b = unname(s[, 1]),
            se = unname(s[, 2]), variance = as.numeric(VarCorr(m)$therapist), ll = as.numeric(logLik(m)),
            modes = ranef(m)$therapist[, 1])
write(toJSON(out, digits = 14, auto_unbox = TRUE, pretty = TRUE), "logistic_mixed.json")
