# Parallel and serial mediation of Ashar 2022 by lavaan: delta, percentile and BCa limits, FIML.
# Rscript mediation.R DATA_FOLDER > mediation.json
suppressMessages(library(lavaan))
f <- commandArgs(TRUE)[1]
d <- read.csv(file.path(f, "ashar2022_mediation.csv")); h <- read.csv(file.path(f, "ashar2022_mediation_missing.csv"))
parallel <- 'dt ~ a1*trt
dc ~ a2*trt
dp ~ b1*dt + b2*dc + cp*trt
dt ~~ dc
ind1 := a1*b1
ind2 := a2*b2
sum := ind1 + ind2
total := sum + cp'
serial <- 'dt ~ a1*trt
dc ~ a2*trt + d21*dt
dp ~ b1*dt + b2*dc + cp*trt
ind1 := a1*b1
ind2 := a2*b2
ind12 := a1*d21*b2
sum := ind1 + ind2 + ind12
total := sum + cp'
show <- function(t) { t <- t[t$label != "", ]; paste(sprintf('    "%s": [%.10f, %.10f, %.10f, %.10f]', t$label, t$est, t$se, t$ci.lower, t$ci.upper), collapse = ",\n") }
ml <- sem(parallel, d); se <- sem(serial, d); fi <- sem(parallel, h, missing = "fiml")
set.seed(1); boot <- sem(parallel, d, se = "bootstrap", bootstrap = 5000)
p <- parameterEstimates(boot, boot.ci.type = "perc"); b <- parameterEstimates(boot, boot.ci.type = "bca.simple")
cat("{\n", sprintf('  "lavaan": "%s",\n', packageVersion("lavaan")),
  '  "parallel": {\n', show(parameterEstimates(ml)), "\n  },\n", '  "serial": {\n', show(parameterEstimates(se)), "\n  },\n",
  '  "percentile": {\n', show(p), "\n  },\n", '  "bc": {\n', show(b), "\n  },\n",
  '  "fiml": {\n', show(parameterEstimates(fi)), "\n  }\n}\n", sep = "")
