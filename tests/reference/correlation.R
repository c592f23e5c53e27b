# Expected values for tests/kernels/test_correlation.py and test_correlation_resampling.py.
# Run in this directory: Rscript correlation.R   (writes correlation.json)
suppressMessages({library(jsonlite); library(psych)})
cat(R.version.string, "psych", as.character(packageVersion("psych")), "\n")

lightness <- c(44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1)
score <- c(2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8)
lesions <- read.csv("../../biomarker/examples/cd8/lesions.csv", na.strings = c("", "n/a", "n/a*", "-"))
names(lesions)[1] <- "patient_id"
times <- c("suvmax_2h", "suvmax_24h", "suvmax_48h", "suvmax_135h")
lesions <- lesions[complete.cases(lesions[times]), ]
tests <- function(x, y) {
  pe <- cor.test(x, y); sp <- suppressWarnings(cor.test(x, y, method = "spearman", exact = FALSE)); ke <- suppressWarnings(cor.test(x, y, method = "kendall"))
  r <- unname(sp$estimate); z <- atanh(r) + c(-1, 1) * qnorm(.975) * sqrt((1 + r^2 / 2) / (length(x) - 3))
  out <- list(pearson = list(value = unname(pe$estimate), low = pe$conf.int[1], high = pe$conf.int[2], t = unname(pe$statistic), p = pe$p.value),
       spearman = list(value = r, low = tanh(z[1]), high = tanh(z[2]), p_t = sp$p.value),
       kendall = list(value = unname(ke$estimate), p = ke$p.value, statistic = unname(ke$statistic)),
       spearman_p = suppressWarnings(cor.test(x, y, method = "spearman")$p.value))
  if (length(x) < 10 && !anyDuplicated(x) && !anyDuplicated(y)) out$spearman$p_exact <- cor.test(x, y, method = "spearman", exact = TRUE)$p.value
  out
}
# partial correlation by the inverse of the correlation matrix; psych::corr.p gives its p
partial <- function(x, y, z, method) {
  m <- cbind(x, y, z); p <- -cov2cor(solve(cor(m, method = method)))[1, 2]
  df <- nrow(m) - 2 - ncol(cbind(z)); t <- p * sqrt(df / (1 - p^2))
  list(value = p, df = df, p = 2 * pt(-abs(t), df))
}
# repeated-measures correlation as the analysis of covariance of Bakdash and Marusich: sums of squares of lm()
rmcorr <- function(x, y, id) {
  a <- anova(lm(y ~ factor(id) + x)); slope <- coef(lm(y ~ factor(id) + x))[["x"]]
  r <- sign(slope) * sqrt(a["x", "Sum Sq"] / (a["x", "Sum Sq"] + a["Residuals", "Sum Sq"]))
  df <- a["Residuals", "Df"]; ci <- r.con(r, df + 2)
  list(value = r, df = df, p = a["x", "Pr(>F)"], low = ci[1], high = ci[2])
}
# partial Kendall: the inverse of the tau-b matrix, and the normal test of ppcor (Kim 2015) written out
partial_kendall <- function(x, y, z) {
  m <- cbind(x, y, z); p <- -cov2cor(solve(cor(m, method = "kendall")))[1, 2]; n <- nrow(m) - ncol(cbind(z))
  stat <- p / sqrt(2 * (2 * n + 5) / (9 * n * (n - 1))); ci <- tanh(atanh(p) + c(-1, 1) * qnorm(.975) * sqrt(.437 / (n - 4)))
  list(value = p, statistic = stat, p = 2 * pnorm(-abs(stat)), low = ci[1], high = ci[2])
}
# every order of y, ties and all: the doubled smaller tail
all_orders <- function(v) if (length(v) < 2) list(v) else unlist(lapply(seq_along(v), function(i) lapply(all_orders(v[-i]), function(w) c(v[i], w))), recursive = FALSE)
permuted_p <- function(x, y, method) {
  score <- if (method == "kendall") function(b) { i <- combn(length(x), 2); sum(sign(x[i[1, ]] - x[i[2, ]]) * sign(b[i[1, ]] - b[i[2, ]])) } else function(b) sum(rank(x) * rank(b))
  every <- sapply(all_orders(y), score); obs <- score(y)
  min(1, 2 * min(mean(every <= obs + 1e-9), mean(every >= obs - 1e-9)))
}
ordinal <- list(x = c(1.8, 4.2, 8.1, 2.7, 6.6, 3.1, 9.9), y = c(0, 1, 2, 1, 3, 0, 3))
# Spearman beyond nine rows without ties: cor.test's default, AS 89
edgeworth <- with(mtcars[!duplicated(mtcars$qsec) & !duplicated(mtcars$wt), ], lapply(c(10, 14, 20, 25), function(n)
  list(x = qsec[1:n], y = wt[1:n], p = cor.test(qsec[1:n], wt[1:n], method = "spearman")$p.value)))
# one resample of whole patients, written out row by row: patients 1, 1, 4, 9 ... in the order of their labels
ids <- sort(unique(lesions$patient_id))
set.seed(2); drawn <- sample(seq_along(ids), replace = TRUE)
rows <- unlist(lapply(drawn, function(i) which(lesions$patient_id == ids[i])))
logs <- log(lesions[times])
write_json(list(
  provenance = paste(R.version.string, "psych", packageVersion("psych")),
  data = "tuna: Hollander & Wolfe (1973); cd8 example, 42 lesions",
  lesions = as.list(lesions[c("patient_id", times)]),
  tuna = tests(lightness, score),
  cd8 = tests(lesions$suvmax_2h, lesions$suvmax_24h),
  partial_pearson = partial(logs$suvmax_24h, logs$suvmax_135h, logs$suvmax_2h, "pearson"),
  partial_spearman = partial(logs$suvmax_24h, logs$suvmax_135h, as.matrix(logs[c("suvmax_2h", "suvmax_48h")]), "spearman"),
  rmcorr = rmcorr(logs$suvmax_2h, logs$suvmax_24h, lesions$patient_id),
  partial_kendall = partial_kendall(logs$suvmax_24h, logs$suvmax_135h, as.matrix(logs[c("suvmax_2h", "suvmax_48h")])),
  ordinal = c(ordinal, list(kendall_p = permuted_p(ordinal$x, ordinal$y, "kendall"), spearman_p = permuted_p(ordinal$x, ordinal$y, "spearman"),
                            kendall_both = permuted_p(c(1, 1, 2, 2, 3, 3), c(1, 2, 2, 3, 3, 3), "kendall"))),
  edgeworth = edgeworth,
  resample = list(weights = tabulate(drawn, length(ids)),
                  pearson = cor(logs$suvmax_2h[rows], logs$suvmax_24h[rows]),
                  spearman = cor(logs$suvmax_2h[rows], logs$suvmax_24h[rows], method = "spearman"),
                  kendall = cor(logs$suvmax_2h[rows], logs$suvmax_24h[rows], method = "kendall"),
                  partial_spearman = partial(logs$suvmax_24h[rows], logs$suvmax_135h[rows], logs$suvmax_2h[rows], "spearman")$value,
                  rmcorr = rmcorr(logs$suvmax_2h[rows], logs$suvmax_24h[rows], rep(seq_along(drawn), sapply(drawn, function(i) sum(lesions$patient_id == ids[i]))))$value)
), "correlation.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
