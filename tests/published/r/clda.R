# Constrained baseline (cLDA) by nlme::gls: HAMD17 at baseline (visit 3) and visits 4 to 7, one baseline mean. Run: Rscript clda.R
suppressMessages({library(nlme); library(jsonlite)})
A <- read.csv("../data/rbmi_antidepressant.csv"); A$id <- as.integer(factor(A$PATIENT))
B <- A[!duplicated(A$id), ]; B$VISIT <- 3; B$HAMDTL17 <- B$BASVAL
L <- rbind(A, B); L <- L[order(L$id, L$VISIT), ]; L$t <- L$VISIT - 2; L$drug <- 1 * (L$THERAPY == "DRUG")
X <- sapply(4:7, function(v) 1 * (L$VISIT == v)); D <- X * L$drug; colnames(X) <- paste0("v", 4:7); colnames(D) <- paste0("d", 4:7)
L <- cbind(L, X, D)
m <- gls(HAMDTL17 ~ v4 + v5 + v6 + v7 + d4 + d5 + d6 + d7, L, correlation = corSymm(form = ~ t | id), weights = varIdent(form = ~ 1 | t),
         control = glsControl(tolerance = 1e-12, msTol = 1e-14, maxIter = 500, msMaxIter = 500))
write_json(list(R = R.version.string, nlme = as.character(packageVersion("nlme")), names = names(coef(m)), b = unname(coef(m)), se = unname(sqrt(diag(m$varBeta))), ll = as.numeric(logLik(m))),
           "clda.json", auto_unbox = TRUE, digits = 12)
