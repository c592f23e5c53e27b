# Adjusted p-values for tests/kernels/test_multiplicity.py. Run: Rscript multiplicity.R > multiplicity.json
library(jsonlite)
# the fifteen p-values of Benjamini and Hochberg 1995, section 3.2 (thrombolysis after myocardial infarction)
thrombolysis <- c(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000)
tied <- c(0.04, 0.01, 0.04, 0.01, 0.9, NA, 0.03, 0)
adjust <- function(p) sapply(c("bonferroni", "holm", "hochberg", "BH", "BY"), function(m) p.adjust(p, m), simplify = FALSE)
cat(toJSON(list(
  software = paste(R.version.string, "stats::p.adjust"),
  thrombolysis = list(p = thrombolysis, adjusted = adjust(thrombolysis)),
  tied = list(p = tied, adjusted = adjust(tied))
), digits = 17, auto_unbox = TRUE, na = "null", pretty = TRUE))
