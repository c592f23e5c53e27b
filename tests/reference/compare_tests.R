# Reference values for tests/kernels/test_paired_proportions.py and test_paired_tests.py.
# Run in this directory: Rscript compare_tests.R   (writes compare_tests.json)
# Everything is written from the definitions: likelihood equations are solved, limits found solved by uniroot, and
# generalized score statistics built from the estimating equations, none of it by the formulas of the package.
suppressMessages({ library(jsonlite); library(geepack) })
cat(R.version.string, "geepack", as.character(packageVersion("geepack")), "\n")
z <- qnorm(0.975)
limit <- function(f, inside, outside) {
  if (f(outside) <= 0) return(outside)
  uniroot(f, c(inside, outside), tol = 1e-14)$root
}

# where the slope of a concave log-likelihood on (lo, hi) is zero, or the end it rises towards
maximiser <- function(slope, lo, hi) {
  eps <- 1e-13 * (hi - lo)
  if (slope(lo + eps) <= 0) return(lo)
  if (slope(hi - eps) >= 0) return(hi)
  uniroot(slope, c(lo + eps, hi - eps), tol = 1e-15)$root
}

# --- McNemar: stats::mcnemar.test, stats::binom.test; Cochran's Q by its permutation variance ----------------------
pairs <- list(c(1, 1, 7, 12), c(43, 0, 1, 0), c(319, 78, 22, 32), c(12, 9, 2, 21), c(20, 5, 5, 3))
tango <- function(a, b, c, d, z) {
  n <- a + b + c + d
  # the second-only probability that maximises the multinomial likelihood when the difference is delta
  score <- function(delta) {
    slope <- function(q) (if (b > 0) b / (q + delta) else 0) + (if (c > 0) c / q else 0) - 2 * (a + d) / (1 - 2 * q - delta)
    q <- maximiser(slope, max(0, -delta), (1 - delta) / 2)
    (b - c - n * delta)^2 / (n * (2 * q + delta * (1 - delta))) - z^2
  }
  at <- (b - c) / n
  c(limit(score, at, -1 + 1e-9), limit(score, at, 1 - 1e-9))
}
paired <- lapply(pairs, function(v) {
  m <- matrix(v, 2, byrow = TRUE)
  b <- v[2]; c <- v[3]
  asymptotic <- mcnemar.test(m, correct = FALSE); corrected <- mcnemar.test(m, correct = TRUE)
  exact <- binom.test(b, b + c)$p.value
  list(counts = v, asymptotic = c(asymptotic$statistic[[1]], asymptotic$p.value),
       corrected = c(corrected$statistic[[1]], corrected$p.value), exact = exact,
       midp = if (b == c) 1 - dbinom(b, b + c, 0.5) / 2 else exact - dbinom(min(b, c), b + c, 0.5),
       tango = tango(v[1], v[2], v[3], v[4], z))
})
set.seed(1)
conditions <- matrix(rbinom(60, 1, rep(c(0.8, 0.6, 0.5, 0.7), each = 15)), 15)
Tj <- colSums(conditions)
within <- rowSums(conditions) / 4 * (1 - rowSums(conditions) / 4)
cochran <- list(results = conditions, statistic = 3 / 4 * sum((Tj - mean(Tj))^2) / sum(within))
cochran$p <- pchisq(cochran$statistic, 3, lower.tail = FALSE)

# --- unpaired: Miettinen-Nurminen by numerical maximum likelihood ---------------------------------------------------
unpaired <- lapply(list(c(56, 70, 48, 80), c(9, 10, 3, 10), c(6, 7, 2, 7), c(5, 56, 0, 29)), function(v) {
  n <- v[2] + v[4]; at <- v[1] / v[2] - v[3] / v[4]
  score <- function(delta) {
    part <- function(x, m, q) (if (x > 0) x / q else 0) - (if (x < m) (m - x) / (1 - q) else 0)
    slope <- function(p) part(v[1], v[2], p + delta) + part(v[3], v[4], p)
    p <- maximiser(slope, max(0, -delta), min(1, 1 - delta))
    first <- p + delta
    (at - delta)^2 / ((first * (1 - first) / v[2] + p * (1 - p) / v[4]) * n / (n - 1)) - z^2
  }
  list(counts = v, miettinen_nurminen = c(limit(score, at, -1 + 1e-9), limit(score, at, 1 - 1e-9)))
})

# --- predictive values: generalized score statistics from the estimating equations of a logistic GEE ----------------
# Paired1 of the R package DTComPair (Stock and Hielscher): d, y1, y2 and how often.
cells <- data.frame(d = c(1, 1, 1, 1, 0, 0, 0, 0), y1 = c(1, 0, 1, 0, 1, 0, 1, 0), y2 = c(1, 1, 0, 0, 1, 1, 0, 0),
                    n = c(319, 22, 78, 32, 31, 22, 53, 155))
rows <- cells[rep(1:8, cells$n), 1:3]; rows$id <- seq_len(nrow(rows))
long <- function(rows, positive) {
  first <- rows[rows$y1 == positive, ]; second <- rows[rows$y2 == positive, ]
  stacked <- rbind(data.frame(id = first$id, success = as.numeric(first$d == positive), x = 1),
                   data.frame(id = second$id, success = as.numeric(second$d == positive), x = 0))
  stacked[order(stacked$id), ]
}
generalized_score <- function(s) {
  # Boos 1992: score of the slope at the null, with the intercept's estimation allowed for by A and B
  p <- mean(s$success); X <- cbind(1, s$x); r <- s$success - p
  U <- rowsum(X * r, s$id); B <- crossprod(U); A <- crossprod(X) * p * (1 - p)
  C <- c(-A[2, 1] / A[1, 1], 1)
  u <- sum(U[, 2])
  u^2 / as.numeric(t(C) %*% B %*% C)
}
relative <- function(s) {
  # log ratio and its variance by the delta method from the sandwich of a logistic GEE, one cluster an id
  fit <- geeglm(success ~ x, id = id, family = binomial, data = s, corstr = "independence",
                control = geese.control(epsilon = 1e-14, maxit = 200))
  b <- coef(fit); first <- plogis(b[[1]] + b[[2]]); second <- plogis(b[[1]])
  L <- c((1 - first) - (1 - second), 1 - first)
  c(log(first / second), sqrt(as.numeric(t(L) %*% vcov(fit) %*% L)))
}
predictive <- lapply(list(ppv = 1, npv = 0), function(positive) {
  s <- long(rows, positive)
  list(score = generalized_score(s), log_ratio = relative(s))
})

# --- the same with lesions nested in patients -----------------------------------------------------------------------
set.seed(20)
m <- 1 + rnbinom(25, size = 1, mu = 3); id <- rep(1:25, m); shared <- rnorm(25)[id]
d <- rbinom(length(id), 1, plogis(shared)); y1 <- rbinom(length(id), 1, plogis(-1 + 2.2 * d + 0.7 * rnorm(25)[id]))
y2 <- rbinom(length(id), 1, plogis(-0.6 + 1.4 * d + 0.7 * shared))
lesions <- data.frame(id = id, d = d, y1 = y1, y2 = y2)
nested <- list(id = id, d = d, y1 = y1, y2 = y2, ppv = list(score = generalized_score(long(lesions, 1)), log_ratio = relative(long(lesions, 1))),
               npv = list(score = generalized_score(long(lesions, 0)), log_ratio = relative(long(lesions, 0))))

writeLines(toJSON(list(software = list(R = R.version.string, geepack = as.character(packageVersion("geepack"))), paired = paired,
                       cochran = cochran, unpaired = unpaired, predictive = predictive, nested = nested),
                  auto_unbox = TRUE, digits = NA, pretty = FALSE), "compare_tests.json")
