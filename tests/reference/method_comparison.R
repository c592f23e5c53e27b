# Expected values for tests/kernels/test_deming.py, test_passing_bablok.py: the formulas written out in base R, since
# neither mcr nor deming could be installed where this was made. Run in this directory: Rscript method_comparison.R
suppressMessages(library(jsonlite))
old <- fromJSON("reliability.json")
deming <- function(x, y, l) {  # Cornbleet & Gochman 1979; l = error variance of x over that of y
  u <- sum((x - mean(x))^2); q <- sum((y - mean(y))^2); p <- sum((x - mean(x)) * (y - mean(y)))
  b <- ((l * q - u) + sqrt((u - l * q)^2 + 4 * l * p^2)) / (2 * l * p); c(mean(y) - b * mean(x), b)
}
wdeming <- function(x, y, l) {  # Linnet 1990, 1993
  b <- deming(x, y, l)
  for (i in 1:500) {
    d <- y - b[1] - b[2] * x; X <- x + l * b[2] * d / (1 + l * b[2]^2); Y <- y - d / (1 + l * b[2]^2); w <- ((X + l * Y) / (1 + l))^-2
    xm <- weighted.mean(x, w); ym <- weighted.mean(y, w); u <- sum(w * (x - xm)^2); q <- sum(w * (y - ym)^2); p <- sum(w * (x - xm) * (y - ym))
    s <- ((l * q - u) + sqrt((u - l * q)^2 + 4 * l * p^2)) / (2 * l * p); b <- c(ym - s * xm, s)
  }
  b
}
jack <- function(f, x, y, l, conf = .95) {  # Linnet 1993: pseudo-values, t with n - 2
  n <- length(x); e <- f(x, y, l); ps <- sapply(1:n, function(i) n * e - (n - 1) * f(x[-i], y[-i], l))
  se <- apply(ps, 1, sd) / sqrt(n); t <- qt((1 + conf) / 2, n - 2); list(intercept = e[1], slope = e[2], intercept_low = e[1] - t * se[1], intercept_high = e[1] + t * se[1], slope_low = e[2] - t * se[2], slope_high = e[2] + t * se[2])
}
pb <- function(x, y, conf = .95) {  # Passing & Bablok 1983, all slopes laid out
  S <- c(); n <- length(x)
  for (i in 1:(n - 1)) for (j in (i + 1):n) { dx <- x[i] - x[j]; dy <- y[i] - y[j]
    if (dx == 0 && dy == 0) next; s <- if (dx == 0) sign(dy) * Inf else dy / dx; if (abs(s + 1) > 1e-12) S <- c(S, s) }
  S <- sort(S); N <- length(S); K <- sum(S < -1); b <- if (N %% 2) S[(N + 1) / 2 + K] else mean(S[N / 2 + K + 0:1])
  C <- qnorm((1 + conf) / 2) * sqrt(n * (n - 1) * (2 * n + 5) / 18); M1 <- round((N - C) / 2); lim <- S[c(M1 + K, N - M1 + 1 + K)]
  a <- median(y - b * x); r <- y - a - b * x; l <- sum(r > 1e-9); L <- sum(r < -1e-9); D <- (y + x / b - a) / sqrt(1 + 1 / b^2)
  sc <- ifelse(r > 1e-9, sqrt(L / l), ifelse(r < -1e-9, -sqrt(l / L), 0)); H <- max(abs(cumsum(sc[order(D)]))) / sqrt(L + 1)
  list(intercept = a, slope = b, slope_low = lim[1], slope_high = lim[2], intercept_low = median(y - lim[2] * x), intercept_high = median(y - lim[1] * x), n = N, offset = K, cusum = H)
}
w <- old$peak_flow$wright; m <- old$peak_flow$mini; rv <- old$cardiac_output$rv; ic <- old$cardiac_output$ic
set.seed(5); x <- round(exp(rnorm(40, 1.5, .6)), 1); y <- round(1.1 * x * exp(rnorm(40, 0, .12)) + .2, 1)
sets <- list(peak_flow = list(x = w, y = m), cardiac = list(x = rv, y = ic), skewed = list(x = x, y = y))
out <- lapply(sets, function(s) c(s, list(deming_1 = jack(deming, s$x, s$y, 1), deming_2 = jack(deming, s$x, s$y, 2), weighted_1 = jack(wdeming, s$x, s$y, 1), weighted_half = jack(wdeming, s$x, s$y, .5), ols = as.list(unname(coef(lm(s$y ~ s$x)))), passing_bablok = pb(s$x, s$y), passing_bablok_90 = pb(s$x, s$y, .9))))
write(toJSON(c(list(made_with = list(R = R.version.string)), out), digits = NA, auto_unbox = TRUE), "method_comparison.json")
