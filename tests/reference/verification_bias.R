# Corrected accuracy by a saturated logistic model of disease on test (and stratum) in verified patients, averaged over all
# patients: another road to Begg and Greenes' answer. Writes tests/reference/verification_bias.json.
# Run from the repository's top: Rscript tests/reference/verification_bias.R
library(jsonlite)

corrected <- function(diseased, verified, tested) {
  # each matrix: strata x (negative, positive)
  d <- expand.grid(s = seq_len(nrow(tested)), t = 0:1)
  at <- cbind(d$s, d$t + 1)
  fit <- glm(cbind(diseased[at], verified[at] - diseased[at]) ~ factor(paste(d$s, d$t)), family = binomial,
             control = glm.control(epsilon = 1e-15, maxit = 200))
  p <- fitted(fit); n <- tested[at]; positive <- d$t == 1
  list(sensitivity = sum((n * p)[positive]) / sum(n * p), specificity = sum((n * (1 - p))[!positive]) / sum(n * (1 - p)),
       ppv = sum((n * p)[positive]) / sum(n[positive]), npv = sum((n * (1 - p))[!positive]) / sum(n[!positive]),
       prevalence = sum(n * p) / sum(n))
}
case <- function(diseased, verified, tested)
  list(cells = list(diseased = diseased, verified = verified, tested = tested),
       estimates = corrected(diseased, verified, tested))
m <- function(...) matrix(c(...), ncol = 2, byrow = TRUE)
cases <- list(
  scintigraphy = case(m(27, 231), m(81, 263), m(221, 429)),
  two_strata = case(m(4, 30, 2, 11), m(20, 41, 9, 15), m(60, 55, 33, 16)),
  few = case(m(1, 3), m(2, 5), m(18, 6))
)
write_json(list(software = R.version.string, call = "glm(binomial, saturated), standardised over all tested", cases = cases),
           "tests/reference/verification_bias.json", auto_unbox = TRUE, digits = 16, pretty = TRUE)
