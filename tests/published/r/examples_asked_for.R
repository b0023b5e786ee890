# What the examples' protocols ask for besides their contrasts, for test_examples_asked_for.py: lme4, lmerTest, pbkrtest.
# Run in this folder: Rscript examples_asked_for.R
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(jsonlite)})
tight <- lmerControl(optimizer = "nloptwrap", optCtrl = list(xtol_abs = 1e-11, ftol_abs = 1e-13, maxeval = 1e5))
d <- read.csv("../../../examples/antidepressant/rbmi_antidepressant.csv")
days <- tapply(d$RELDAYS, d$VISIT, median)
d$week <- (days[as.character(d$VISIT)] - days["4"]) / 7
d$drug <- as.numeric(d$THERAPY == "DRUG")
m <- lmerTest::lmer(HAMDTL17 ~ week * drug + (week | PATIENT), d, control = tight)
k <- summary(m, ddf = "Kenward-Roger")$coefficients
slope <- function(w) { c <- contest1D(m, w, ddf = "Kenward-Roger"); list(value = -c$Estimate, se = c[["Std. Error"]], df = c$df) }
a <- read.csv("../../../examples/ashar2022/ashar2022_outcomes_demographics.csv", na.strings = c("NaN", "<undefined>", "NA", ""))
a <- a[!is.na(a$id), ]
one <- function(name, r, sign) {
  pre <- a[a$time == 1 & !is.na(a$group), c("id", "group", name)]; post <- a[a$time == 2, c("id", name)]
  names(pre)[3] <- "pre"; names(post)[2] <- "post"
  x <- merge(pre, post, by = "id", all.x = TRUE); s <- sd(x$pre, na.rm = TRUE); mu <- mean(x$pre, na.rm = TRUE)
  jt <- sign * (x$post - x$pre) / (s * sqrt(2 * (1 - r)))
  en <- sign * (x$post - (mu + r * (x$pre - mu))) / (s * sqrt(1 - r))
  count <- function(i, g) list(improved = sum(i[x$group == g] >= qnorm(.975), na.rm = TRUE),
                               worse = sum(i[x$group == g] <= -qnorm(.975), na.rm = TRUE),
                               n = sum(!is.na(i[x$group == g])))
  list(jt = lapply(1:3, function(g) count(jt, g)), en = lapply(1:3, function(g) count(en, g)), sd = s)
}
res <- list(weeks = unname((days - days["4"]) / 7), placebo = slope(c(0, 1, 0, 0)), drug = slope(c(0, 1, 0, 1)),
            apart = slope(c(0, 0, 0, 1)), interference = one("bpi_interference", 0.76, -1))
write(toJSON(res, digits = 14, auto_unbox = TRUE, pretty = TRUE), "examples_asked_for.json")
