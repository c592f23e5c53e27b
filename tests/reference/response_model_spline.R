# Restricted cubic splines by Hmisc. Rscript tests/reference/response_model_spline.R > tests/reference/response_model_spline.json
suppressMessages({library(Hmisc); library(jsonlite)})
x <- round(exp(seq(-1.2, 2.9, length.out = 57) + 0.2 * sin(1:57)), 4)
y <- round(exp(seq(-1.2, 2.9, length.out = 143) + 0.2 * sin(1:143)), 4)
case <- function(v, k) {
  b <- rcspline.eval(v, nk = k, inclx = TRUE)
  list(knots = attr(b, "knots"), basis = unclass(b)[, ])
}
given <- c(0.5, 1.7, 4, 11)
out <- list(
  versions = list(R = R.version.string, Hmisc = as.character(packageVersion("Hmisc"))),
  few = x, many = y,
  cases_few = lapply(setNames(3:6, 3:6), function(k) case(x, k)),
  cases_many = lapply(setNames(3:7, 3:7), function(k) case(y, k)),
  given = list(knots = given, basis = rcspline.eval(x, knots = given, inclx = TRUE)[, ])
)
cat(toJSON(out, digits = NA, auto_unbox = TRUE), "\n")
