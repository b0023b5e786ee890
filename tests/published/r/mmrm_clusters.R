# Cluster-robust (CR3) errors of a repeated-measures model: the numbers that test_bell2002_mmrm_clusters.py holds ours
# against. Run: Rscript mmrm_clusters.R ../data/rbmi_antidepressant.csv mmrm_clusters.json
suppressMessages({library(nlme); library(clubSandwich); library(jsonlite)})
args <- commandArgs(TRUE)
A <- read.csv(args[1]); A$id <- as.integer(factor(A$PATIENT)); A <- A[order(A$id, A$VISIT), ]
A$visit <- factor(A$VISIT); A$drug <- as.numeric(A$THERAPY == "DRUG")
m <- gls(CHANGE ~ 0 + BASVAL + visit + visit:drug, data = A, correlation = corSymm(form = ~as.integer(visit) | id), weights = varIdent(form = ~1 | visit),
         control = glsControl(tolerance = 1e-11, msTol = 1e-13, maxIter = 500, msMaxIter = 500))
s <- coef_test(m, vcov = vcovCR(m, cluster = factor(A$POOLINV), type = "CR3"), test = "Satterthwaite")
one <- function(v) { k <- paste0("visit", v, ":drug"); list(value = s[k, "beta"], se = s[k, "SE"], df = s[k, "df_Satt"]) }
out <- list(R = R.version.string, packages = sapply(c("nlme", "clubSandwich"), function(p) as.character(packageVersion(p))),
            clusters = length(unique(A$POOLINV)), differences = setNames(lapply(4:7, one), 4:7))
write_json(out, args[2], auto_unbox = TRUE, digits = 12, pretty = TRUE)
