# Profile intervals of slopes and correlations, and means averaged over the levels of factors, for test_profile_slopes.py:
# lme4, emmeans. Run in this folder: Rscript profile_slopes.R
suppressMessages({library(lme4); library(lmerTest); library(emmeans); library(pbkrtest); library(jsonlite)})
tight <- lmerControl(optimizer = "nloptwrap", optCtrl = list(xtol_abs = 1e-11, ftol_abs = 1e-13, maxeval = 1e5))
trial <- read.csv("../data/rbmi_antidepressant.csv")
trial <- transform(trial, week = as.numeric(VISIT) - 3, drug = as.numeric(THERAPY == "DRUG"), id = PATIENT)
three <- read.csv("../data/sim_therapist3.csv")
prof <- function(formula, data) {
  m <- lme4::lmer(formula, data, REML = FALSE, control = tight)
  ci <- confint(m, parm = "theta_", method = "profile", oldNames = FALSE, quiet = TRUE)
  v <- as.data.frame(VarCorr(m))
  list(names = rownames(ci), low = unname(ci[, 1]), high = unname(ci[, 2]), sd = v$sdcor)
}
site <- cut(as.numeric(factor(trial$id)) %% 7, c(-1, 1, 3, 6), labels = c("a", "b", "c"))
trial$site <- as.character(site)
m <- lmerTest::lmer(CHANGE ~ BASVAL + week * THERAPY + GENDER + site + (week | id), trial, control = tight)
e <- as.data.frame(emmeans(m, ~ THERAPY, at = list(week = 4), lmer.df = "kenward-roger"))
s <- as.data.frame(emmeans(m, ~ site, at = list(week = 4), lmer.df = "kenward-roger"))
res <- list(trial = prof(CHANGE ~ BASVAL + week * drug + (week | id), trial),
            three = prof(y ~ time * trt + (time | id), three),
            means = list(arm = as.character(e$THERAPY), value = e$emmean, se = e$SE, df = e$df),
            sites = list(site = as.character(s$site), value = s$emmean, se = s$SE, df = s$df))
write(toJSON(res, digits = 14, auto_unbox = TRUE, pretty = TRUE), "profile_slopes.json")
