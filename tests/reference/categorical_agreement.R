# Expected values for tests/kernels/test_kappa.py and tests/kernels/test_chance_agreement.py.
# Run in this directory: Rscript categorical_agreement.R   (writes categorical_agreement.json)
# Data: three diagnoses of 200 patients (Fleiss, Cohen & Everitt 1969); 100 pregnancies (Gwet 2014); 12 units by four
# observers, ratings missing (Krippendorff; Gwet 2014); 30 patients by six psychiatrists (Fleiss 1971).
suppressMessages({library(jsonlite); library(psych); library(vcd)})
for (p in c("psych", "vcd")) cat(p, as.character(packageVersion(p)), "\n")
cat(R.version.string, "\n")

diagnoses <- matrix(c(106, 10, 4, 22, 28, 10, 2, 12, 6), 3, byrow = TRUE)
pregnancies <- matrix(c(13, 0, 0, 0, 20, 7, 0, 4, 56), 3, byrow = TRUE)
observers <- matrix(c(1, 1, NA, 1, 2, 2, 3, 2, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 1, 2, 3, 4, 4, 4, 4, 4, 1, 1, 2, 1, 2, 2, 2, 2,
                      NA, 5, 5, 5, NA, NA, 1, 1, NA, NA, 3, NA), 12, byrow = TRUE)
psychiatrists <- matrix(c(0,0,0,6,0, 0,3,0,0,3, 0,1,4,0,1, 0,0,0,0,6, 0,3,0,3,0, 2,0,4,0,0, 0,0,4,0,2, 2,0,3,1,0, 2,0,0,4,0,
  0,0,0,0,6, 1,0,0,5,0, 1,1,0,4,0, 0,3,3,0,0, 1,0,0,5,0, 0,2,0,3,1, 0,0,5,0,1, 3,0,0,1,2, 5,1,0,0,0, 0,2,0,4,0, 1,0,2,0,3,
  0,0,0,0,6, 0,1,0,5,0, 0,2,0,1,3, 2,0,0,4,0, 1,0,0,4,1, 0,5,0,1,0, 4,0,0,0,2, 0,2,0,4,0, 1,0,5,0,0, 0,0,0,0,6), 30, byrow = TRUE)

# --- Cohen's kappa: psych::cohen.kappa and vcd::Kappa -----------------------------------------------------------------
two <- function(x) {
  k <- cohen.kappa(x, alpha = .05); v <- Kappa(x, weights = "Equal-Spacing"); f <- Kappa(x, weights = "Fleiss-Cohen")
  list(kappa = k$kappa, se = sqrt(k$var.kappa), quadratic = k$weighted.kappa, vcd_kappa = v$Unweighted[["value"]],
       vcd_se = v$Unweighted[["ASE"]], vcd_linear = v$Weighted[["value"]], vcd_quadratic = f$Weighted[["value"]])
}

# --- formulas of irrCAC, written out anew from Gwet 2014 (chapters 2-4): any weights, ratings missing -------------------
weights_of <- function(q, how) {
  d <- abs(outer(1:q, 1:q, "-")) / (q - 1)
  switch(how, none = diag(q), linear = 1 - d, quadratic = 1 - d^2)
}
counts_of <- function(x, q) t(apply(x, 1, function(row) tabulate(row[!is.na(row)], q)))
gwet_family <- function(r, w) {
  q <- ncol(r); ri <- rowSums(r); two <- ri >= 2; star <- r %*% w
  pa <- mean((rowSums(r * (star - 1)) / (ri * (ri - 1)))[two])
  share <- colMeans((r / ri)[ri > 0, , drop = FALSE])
  pe <- c(fleiss = sum(w * outer(share, share)), gwet = sum(w) * sum(share * (1 - share)) / (q * (q - 1)),
          brennan_prediger = sum(w) / q^2)
  k <- r[two, ]; n <- nrow(k); rbar <- mean(rowSums(k)); sk <- k %*% w
  pak <- mean(rowSums(k * (sk - 1)) / (rbar * (rowSums(k) - 1))); e <- 1 / (n * rbar)
  pak <- (1 - e) * pak + e; shk <- colMeans(k / rbar); pek <- sum(w * outer(shk, shk))
  c(percent = pa, (pa - pe) / (1 - pe), alpha = (pak - pek) / (1 - pek))
}
conger <- function(x, q, w) {
  r <- counts_of(x, q); ri <- rowSums(r); two <- ri >= 2
  pa <- mean((rowSums(r * (r %*% w - 1)) / (ri * (ri - 1)))[two])
  p <- t(apply(x, 2, function(column) tabulate(column[!is.na(column)], q) / sum(!is.na(column)))); m <- nrow(p)
  s2 <- (t(p) %*% p - m * outer(colMeans(p), colMeans(p))) / (m - 1)
  pe <- sum(w * (outer(colMeans(p), colMeans(p)) - s2 / m))
  (pa - pe) / (1 - pe)
}
alpha <- function(x, level) {  # from coincidences (Krippendorff 2013)
  values <- sort(unique(x[!is.na(x)])); q <- length(values); o <- matrix(0, q, q)
  for (i in seq_len(nrow(x))) {
    u <- match(x[i, !is.na(x[i, ])], values); m <- length(u)
    if (m > 1) for (a in seq_len(m)) for (b in seq_len(m)) if (a != b) o[u[a], u[b]] <- o[u[a], u[b]] + 1 / (m - 1)
  }
  n <- rowSums(o); d <- matrix(0, q, q)
  for (a in seq_len(q)) for (b in seq_len(q)) d[a, b] <- switch(level,
    nominal = as.numeric(a != b), interval = (values[a] - values[b])^2, ratio = ((values[a] - values[b]) / (values[a] + values[b]))^2,
    ordinal = (sum(n[min(a, b):max(a, b)]) - (n[a] + n[b]) / 2)^2)
  1 - (sum(n) - 1) * sum(o * d) / sum(outer(n, n) * d)
}
raw <- function(table) do.call(rbind, lapply(seq_len(nrow(table)), function(i) do.call(rbind, lapply(seq_len(ncol(table)),
  function(j) matrix(rep(c(i, j), table[i, j]), ncol = 2, byrow = TRUE)))))
family <- function(x, q) setNames(lapply(c("none", "linear", "quadratic"), function(how)
  c(as.list(gwet_family(counts_of(x, q), weights_of(q, how))), conger = conger(x, q, weights_of(q, how)))), c("none", "linear", "quadratic"))

out <- list(
  made_with = paste0("psych ", packageVersion("psych"), ", vcd ", packageVersion("vcd"), ", ", R.version.string),
  diagnoses = c(list(table = diagnoses), two(diagnoses), list(family = family(raw(diagnoses), 3))),
  pregnancies = c(list(table = pregnancies), two(pregnancies), list(family = family(raw(pregnancies), 3))),
  observers = list(ratings = observers, family = family(observers, 5),
                   alpha = sapply(c("nominal", "ordinal", "interval", "ratio"), function(l) alpha(observers, l), simplify = FALSE)),
  psychiatrists = list(counts = psychiatrists, family = as.list(gwet_family(psychiatrists, diag(5))))
)
write_json(out, "categorical_agreement.json", digits = NA, auto_unbox = TRUE, na = "null")
