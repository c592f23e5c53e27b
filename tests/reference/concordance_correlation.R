# Expected values for tests/kernels/test_concordance_correlation.py.
# Run in this directory: Rscript concordance_correlation.R   (writes concordance_correlation.json)
suppressMessages({library(jsonlite); library(epiR)})
old <- fromJSON("reliability.json")
one <- function(x, y, conf = .95) {  # first argument second: epi.ccc takes shifts of y against x
  r <- epi.ccc(y, x, ci = "z-transform", conf.level = conf)
  list(ccc = r$rho.c$est, low = r$rho.c$lower, high = r$rho.c$upper, scale_shift = r$s.shift, location_shift = r$l.shift, bias_correction = r$C.b)
}
overall <- function(m) {  # epi.occc divides by n - 1, Lin by n: both are given
  e <- epi.occc(m); s <- cov(m) * (nrow(m) - 1) / nrow(m); u <- colMeans(m); i <- upper.tri(s)
  list(epi_occc = e$occc, epi_precision = e$oprec, occc_n = 2 * sum(s[i]) / sum((outer(diag(s), diag(s), "+") + outer(u, u, "-")^2)[i]))
}
w <- old$peak_flow$wright; m <- old$peak_flow$mini; l <- old$icc$lesions$values; j <- old$icc$judges$values
out <- list(made_with = list(R = R.version.string, epiR = as.character(packageVersion("epiR"))), call = "epiR::epi.ccc(y, x, ci = 'z-transform')",
            peak_flow = one(w, m), peak_flow_90 = one(w, m, .9), cardiac = one(old$cardiac_output$rv, old$cardiac_output$ic), judges_1_2 = one(j[, 1], j[, 2]),
            call_overall = "epiR::epi.occc", lesions = overall(l), judges = overall(j))
write(toJSON(out, digits = NA, auto_unbox = TRUE), "concordance_correlation.json")
