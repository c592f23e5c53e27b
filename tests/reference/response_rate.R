# Expected values for tests/kernels/test_fisher_exact.py and tests/analyses/test_response_rate.py.
# Run in this directory: Rscript response_rate.R   (writes response_rate.json)
suppressMessages(library(jsonlite))
tables <- list(c(10, 30, 5, 30), c(3, 4, 1, 4), c(0, 12, 5, 11), c(7, 7, 0, 9), c(40, 93, 21, 42), c(0, 5, 0, 6), c(150, 400, 190, 410))
mn <- function(x2, n2, x1, n1, conf = 0.95) {  # Miettinen & Nurminen 1985: restricted estimates by optimize, limits by uniroot
  chi <- function(d) {
    ll <- function(p) { q <- p + d; -(dbinom(x1, n1, p, log = TRUE) + dbinom(x2, n2, q, log = TRUE)) }
    lo <- max(0, -d); hi <- min(1, 1 - d)
    p <- if (hi - lo < 1e-12) lo else optimize(function(p) { v <- ll(p); if (is.finite(v)) v else 1e10 }, c(lo, hi), tol = 1e-14)$minimum
    q <- p + d; v <- (p * (1 - p) / n1 + q * (1 - q) / n2) * (n1 + n2) / (n1 + n2 - 1)
    (x2 / n2 - x1 / n1 - d) / sqrt(v)
  }
  z <- qnorm((1 + conf) / 2); est <- x2 / n2 - x1 / n1
  c(uniroot(function(d) chi(d) - z, c(-1 + 1e-9, est - 1e-9), tol = 1e-12)$root, uniroot(function(d) chi(d) + z, c(est + 1e-9, 1 - 1e-9), tol = 1e-12)$root)
}
out <- lapply(tables, function(t) list(counts = t, p = fisher.test(matrix(c(t[1], t[2] - t[1], t[3], t[4] - t[3]), 2))$p.value,
  exact_first = as.numeric(binom.test(t[1], t[2])$conf.int)))
out[[1]]$miettinen_nurminen <- mn(10, 30, 5, 30)
write(toJSON(list(r = R.version.string, tables = out), digits = 15, auto_unbox = TRUE, pretty = TRUE), "response_rate.json")
