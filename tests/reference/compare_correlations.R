# Expected values for tests/kernels/test_correlation_difference.py and tests/analyses/test_compare_correlations.py.
# Run in this directory: Rscript compare_correlations.R   (writes compare_correlations.json)
# Data: attitude (Chatterjee & Price, 30 departments) and aSAH (Turck et al. 2010, from pROC).
suppressMessages({library(jsonlite); library(psych); library(pROC)})
cat(R.version.string, "psych", as.character(packageVersion("psych")), "pROC", as.character(packageVersion("pROC")), "\n")

zlim <- function(r, n) tanh(atanh(r) + c(-1, 1) * qnorm(.975) / sqrt(n - 3))
pair <- function(y, a, b, method = "pearson") {
  n <- length(y); r <- cor(cbind(y, a, b), method = method); r1 <- r[1, 2]; r2 <- r[1, 3]; r12 <- r[2, 3]
  w <- r.test(n = n, r12 = r1, r13 = r2, r23 = r12)                     # psych: Williams
  rbar <- (r1 + r2) / 2
  psi <- r12 * (1 - 2 * rbar^2) - .5 * rbar^2 * (1 - 2 * rbar^2 - r12^2); s <- psi / (1 - rbar^2)^2
  steiger <- (atanh(r1) - atanh(r2)) * sqrt((n - 3) / (2 * (1 - s)))    # Steiger 1980, eq. 14
  r2bar <- (r1^2 + r2^2) / 2; f <- min(1, (1 - r12) / (2 * (1 - r2bar))); h <- 1 + r2bar / (1 - r2bar) * (1 - f)
  se <- sqrt(2 * (1 - r12) * h / (n - 3)); meng <- (atanh(r1) - atanh(r2)) / se  # Meng 1992, eq. 1, h as eq. 2
  c12 <- ((r12 - .5 * r1 * r2) * (1 - r1^2 - r2^2 - r12^2) + r12^3) / ((1 - r1^2) * (1 - r2^2))
  l <- zlim(r1, n); m <- zlim(r2, n)                                    # Zou 2007
  list(r1 = r1, r2 = r2, between = r12, n = n, williams = w$t, williams_p = w$p, steiger = steiger, steiger_p = 2 * pnorm(-abs(steiger)),
       meng = meng, meng_p = 2 * pnorm(-abs(meng)), meng_low = atanh(r1) - atanh(r2) - qnorm(.975) * se, meng_high = atanh(r1) - atanh(r2) + qnorm(.975) * se,
       zou_low = r1 - r2 - sqrt((r1 - l[1])^2 + (m[2] - r2)^2 - 2 * c12 * (r1 - l[1]) * (m[2] - r2)),
       zou_high = r1 - r2 + sqrt((l[2] - r1)^2 + (r2 - m[1])^2 - 2 * c12 * (l[2] - r1) * (r2 - m[1])))
}
several <- function(y, X) {
  n <- length(y); k <- ncol(X); r <- cor(y, X)[1, ]; R <- cor(X); z <- atanh(r); rbar <- mean(r)
  V <- diag(k); for (i in 1:k) for (j in 1:k) if (i != j) V[i, j] <- (R[i, j] * (1 - 2 * rbar^2) - .5 * rbar^2 * (1 - 2 * rbar^2 - R[i, j]^2)) / (1 - rbar^2)^2
  C <- cbind(1, -diag(k - 1)); d <- C %*% z; x2 <- (n - 3) * t(d) %*% solve(C %*% V %*% t(C)) %*% d
  rx <- median(R[upper.tri(R)]); r2bar <- mean(r^2); f <- min(1, (1 - rx) / (2 * (1 - r2bar))); h <- (1 - f * r2bar) / (1 - r2bar)
  het <- (n - 3) * sum((z - mean(z))^2) / ((1 - rx) * h)
  list(equality = c(x2), equality_p = pchisq(c(x2), k - 1, lower.tail = FALSE), heterogeneity = het, heterogeneity_p = pchisq(het, k - 1, lower.tail = FALSE))
}
# leave-one-out of Spearman's difference on Fisher's z, and limits of the difference recovered from those of the two
jackknife <- function(y, a, b, id, method) {
  ids <- unique(id); k <- length(ids); f <- function(s) c(cor(y[s], a[s], method = method), cor(y[s], b[s], method = method))
  all <- f(rep(TRUE, length(y))); J <- atanh(t(sapply(ids, function(i) f(id != i))))
  V <- (k - 1) / k * crossprod(scale(J, scale = FALSE)); t <- qt(.975, k - 1); z <- atanh(all)
  lo <- tanh(z - t * sqrt(diag(V))); hi <- tanh(z + t * sqrt(diag(V))); rho <- cov2cor(V)[1, 2]
  se <- sqrt(V[1, 1] + V[2, 2] - 2 * V[1, 2]); stat <- (z[1] - z[2]) / se
  d <- all[1] - all[2]; e <- all - lo; g <- hi - all
  list(values = all, low = d - sqrt(e[1]^2 + g[2]^2 - 2 * rho * e[1] * g[2]), high = d + sqrt(g[1]^2 + e[2]^2 - 2 * rho * g[1] * e[2]),
       t = stat, p = 2 * pt(-abs(stat), k - 1), own_low = lo, own_high = hi)
}
somers <- function(y, x) { n <- length(y); i <- combn(n, 2); dy <- sign(y[i[1, ]] - y[i[2, ]]); dx <- sign(x[i[1, ]] - x[i[2, ]]); sum(dy * dx) / sum(dy != 0) }
data(aSAH)
delong <- roc.test(roc(aSAH$outcome, aSAH$s100b, quiet = TRUE, direction = "<"), roc(aSAH$outcome, aSAH$ndka, quiet = TRUE, direction = "<"), paired = TRUE)
id <- rep(1:10, each = 3)
write_json(list(
  provenance = paste(R.version.string, "psych", packageVersion("psych"), "pROC", packageVersion("pROC")),
  attitude = as.list(attitude), patient = id,
  pair = with(attitude, pair(rating, complaints, learning)), close = with(attitude, pair(rating, raises, critical)),
  several = with(attitude, several(rating, cbind(complaints, learning, raises, critical))),
  jackknife_rows = with(attitude, jackknife(rating, complaints, learning, 1:30, "spearman")),
  jackknife_patients = with(attitude, jackknife(rating, complaints, learning, id, "spearman")),
  jackknife_kendall = with(attitude, jackknife(rating, complaints, learning, id, "kendall")),
  asah = list(outcome = as.character(aSAH$outcome), gos6 = as.integer(as.character(aSAH$gos6)), s100b = aSAH$s100b, ndka = aSAH$ndka),
  delong = list(z = unname(delong$statistic), p = delong$p.value, auc1 = unname(delong$estimate[1]), auc2 = unname(delong$estimate[2])),
  somers_binary = somers(as.integer(aSAH$outcome == "Poor"), aSAH$s100b),
  somers_ordered = c(somers(as.integer(as.character(aSAH$gos6)), aSAH$s100b), somers(as.integer(as.character(aSAH$gos6)), aSAH$ndka))
), "compare_correlations.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
