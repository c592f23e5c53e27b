# Reference values for the ROC kernels. Run from the repository root:
#   Rscript tests/reference/roc.R
# writes tests/reference/roc.json with 17 digits. Every value stands beside the call that made it.
suppressPackageStartupMessages({
  library(pROC)
  library(jsonlite)
  library(MASS)
})
cat(R.version.string, "\n")
for (package in c("pROC", "MASS", "jsonlite")) cat(package, as.character(packageVersion(package)), "\n")

# --- data: five and more published sets ------------------------------------------------------------------------------
data(aSAH)  # Turck N, et al. Intensive Care Med 2010;36:107-115, as shipped with pROC
sets <- list()
put <- function(name, source, outcome, ...) {
  markers <- list(...)
  keep <- Reduce(`&`, lapply(markers, function(x) !is.na(x))) & !is.na(outcome)
  sets[[name]] <<- list(source = source, positive = as.integer(outcome[keep]), markers = lapply(markers, function(x) as.numeric(x[keep])))
}
put("aSAH", "pROC::aSAH, outcome == Poor; s100b, ndka (few ties), wfns (grades 1-5: many ties)",
    aSAH$outcome == "Poor", s100b = aSAH$s100b, ndka = aSAH$ndka, wfns = as.numeric(aSAH$wfns))
put("iris", "datasets::iris, Species == setosa among all; petal length separates perfectly and reversed, sepal width not",
    iris$Species == "setosa", petal_length = iris$Petal.Length, sepal_width = iris$Sepal.Width)
put("birthwt", "MASS::birthwt, low birth weight; mother's weight points the other way (area below 0.5)",
    birthwt$low == 1, lwt = birthwt$lwt, age = birthwt$age)
put("mtcars", "datasets::mtcars, manual transmission; 32 cars with ties, mpg",
    mtcars$am == 1, mpg = mtcars$mpg, drat = mtcars$drat, qsec = mtcars$qsec)
put("pima", "MASS::Pima.te, diabetes", Pima.te$type == "Yes", glu = Pima.te$glu, bmi = Pima.te$bmi, age = Pima.te$age)
rating <- rep(rep(1:5, 2), c(33, 6, 6, 11, 2, 3, 2, 2, 11, 33))
put("hanley", "Hanley JA, McNeil BJ. Radiology 1982;143:29-36, table 1: five ratings of 109 CT images",
    rep(0:1, c(58, 51)), rating = rating)

curve <- function(set, marker) suppressMessages(
  roc(sets[[set]]$positive, sets[[set]]$markers[[marker]], levels = c(0, 1), direction = "<", quiet = TRUE))

# --- areas, DeLong variances and intervals ---------------------------------------------------------------------------
areas <- list()
for (set in names(sets)) for (marker in names(sets[[set]]$markers)) {
  r <- curve(set, marker)
  areas[[length(areas) + 1]] <- list(
    call = "auc(r); var(r, method = 'delong'); ci.auc(r, method = 'delong')", data = set, marker = marker,
    auc = as.numeric(auc(r)), variance = var(r, method = "delong"),
    wald = suppressWarnings(as.numeric(ci.auc(r, method = "delong")))[c(1, 3)],
    sensitivities = rev(r$sensitivities), specificities = rev(r$specificities))
}

# --- comparisons -----------------------------------------------------------------------------------------------------
paired <- list()
for (set in c("aSAH", "birthwt", "mtcars", "pima")) {
  names_ <- names(sets[[set]]$markers)
  for (pair in combn(names_, 2, simplify = FALSE)) {
    first <- curve(set, pair[1]); second <- curve(set, pair[2])
    test <- roc.test(first, second, method = "delong", paired = TRUE)
    paired[[length(paired) + 1]] <- list(
      call = "roc.test(first, second, method = 'delong', paired = TRUE); cov(first, second, method = 'delong')",
      data = set, first = pair[1], second = pair[2], covariance = cov(first, second, method = "delong"),
      statistic = unname(test$statistic), p_value = test$p.value)
  }
}
unpaired <- list()
sets_by_gender <- split(aSAH, aSAH$gender)
for (marker in c("s100b", "ndka")) {
  by <- lapply(sets_by_gender, function(d) roc(d$outcome == "Poor", d[[marker]], levels = c(FALSE, TRUE), direction = "<"))
  test <- roc.test(by$Male, by$Female, method = "delong", paired = FALSE)
  unpaired[[length(unpaired) + 1]] <- list(
    call = "roc.test(male, female, method = 'delong', paired = FALSE)", data = "aSAH", marker = marker,
    male = as.integer(aSAH$gender == "Male"), statistic = unname(test$statistic), df = unname(test$parameter),
    p_value = test$p.value)
}

# --- partial areas ---------------------------------------------------------------------------------------------------
partial <- list()
for (set in c("aSAH", "pima", "hanley", "mtcars")) for (marker in names(sets[[set]]$markers)) {
  r <- curve(set, marker)
  for (focus in c("specificity", "sensitivity")) for (range in list(c(0.9, 1), c(0.8, 0.95), c(0.333, 0.777), c(0, 1))) {
    raw <- as.numeric(auc(r, partial.auc = rev(range), partial.auc.focus = focus, partial.auc.correct = FALSE))
    corrected <- suppressWarnings(
      as.numeric(auc(r, partial.auc = rev(range), partial.auc.focus = focus, partial.auc.correct = TRUE)))
    partial[[length(partial) + 1]] <- list(
      call = "auc(r, partial.auc = c(high, low), partial.auc.focus = focus, partial.auc.correct = FALSE / TRUE)",
      data = set, marker = marker, focus = focus, low = range[1], high = range[2], raw = raw, corrected = corrected)
  }
}

# --- operating points ------------------------------------------------------------------------------------------------
points <- list()
for (set in c("aSAH", "pima", "hanley", "mtcars")) for (marker in names(sets[[set]]$markers)) {
  r <- curve(set, marker)
  at <- c(0.95, 0.9, 0.85, 0.8, 0.55, 0.25)
  points[[length(points) + 1]] <- list(
    call = "coords(r, at, input = 'specificity', ret = 'sensitivity'); coords(r, at, input = 'sensitivity', ret = 'specificity')",
    data = set, marker = marker, at = at,
    sensitivity = coords(r, at, input = "specificity", ret = "sensitivity")[, 1],
    specificity = coords(r, at, input = "sensitivity", ret = "specificity")[, 1])
}

# --- bootstrap intervals of the sensitivity at fixed specificities: approximate, for a wide check only ---------------
set.seed(42)
bootstrapped <- ci.se(curve("aSAH", "s100b"), specificities = c(0.9, 0.7, 0.5), boot.n = 20000, progress = "none")
set.seed(42)
partial_ci <- ci.auc(suppressMessages(roc(sets$aSAH$positive, sets$aSAH$markers$s100b, levels = c(0, 1), direction = "<",
  partial.auc = c(1, 0.9))), method = "bootstrap", boot.n = 20000, progress = "none")
bootstrap <- list(
  call = "set.seed(42); ci.se(r, specificities = c(.9, .7, .5), boot.n = 20000); ci.auc(r with partial.auc = c(1, .9), method = 'bootstrap', boot.n = 20000)",
  data = "aSAH", marker = "s100b", specificity = c(0.9, 0.7, 0.5), low = bootstrapped[, 1], high = bootstrapped[, 3],
  partial = as.numeric(partial_ci)[c(1, 3)])

# --- binormal: regression by pROC's own method, likelihood by optim on the multinomial likelihood ---------------------
quantile_line <- function(r) {  # what pROC::smooth(method = "binormal") fits, without its grid
  x <- qnorm(1 - r$specificities); y <- qnorm(r$sensitivities)
  fit <- lm(y ~ x, subset = is.finite(x) & is.finite(y))
  unname(coef(fit))
}
runs <- function(positive, marker) {  # categories of Metz 1998, written as a plain loop
  values <- sort(unique(marker)); neg <- c(); pos <- c(); last <- ""
  for (v in values) {
    n0 <- sum(marker == v & positive == 0); n1 <- sum(marker == v & positive == 1)
    kind <- if (n0 > 0 && n1 > 0) "both" else if (n0 > 0) "neg" else "pos"
    if (kind == last && kind != "both") {
      neg[length(neg)] <- neg[length(neg)] + n0; pos[length(pos)] <- pos[length(pos)] + n1
    } else { neg <- c(neg, n0); pos <- c(pos, n1) }
    last <- kind
  }
  list(neg = neg, pos = pos)
}
maximum_likelihood <- function(neg, pos) {
  minus_log_likelihood <- function(theta) {
    cuts <- cumsum(c(theta[3], exp(theta[-(1:3)])))
    b <- exp(theta[2])
    p0 <- diff(c(0, pnorm(cuts), 1)); p1 <- diff(c(0, pnorm(b * cuts - theta[1]), 1))
    if (any(p0 <= 0) || any(p1 <= 0)) return(1e10)
    -sum(neg[neg > 0] * log(p0[neg > 0])) - sum(pos[pos > 0] * log(p1[pos > 0]))
  }
  k <- length(neg) - 1
  start <- qnorm(cumsum(neg + 0.5 + pos / 4)[1:k] / sum(neg + 0.5 + pos / 4))
  theta <- c(1, 0, start[1], log(diff(start)))
  for (i in 1:30) {
    fit <- optim(theta, minus_log_likelihood, method = "BFGS", control = list(maxit = 10000, reltol = 1e-16))
    if (max(abs(fit$par - theta)) < 1e-9) break
    theta <- fit$par
  }
  a <- fit$par[1]; b <- exp(fit$par[2])
  list(a = a, b = b, auc = pnorm(a / sqrt(1 + b^2)), log_likelihood = -fit$value)
}
binormal <- list()
for (case in list(c("hanley", "rating"), c("aSAH", "wfns"), c("mtcars", "mpg"), c("aSAH", "s100b"))) {
  set <- sets[[case[1]]]
  counts <- runs(set$positive, set$markers[[case[2]]])
  binormal[[length(binormal) + 1]] <- list(
    call = "optim(BFGS) on the multinomial likelihood of truth-state runs; lm(qnorm(sensitivity) ~ qnorm(1 - specificity))",
    data = case[1], marker = case[2], negatives = counts$neg, positives = counts$pos,
    likelihood = maximum_likelihood(counts$neg, counts$pos), regression = quantile_line(curve(case[1], case[2])))
}

# --- Obuchowski 1997, formulas (1) to (5) as loops over pairs and clusters -------------------------------------------
kernel <- function(x, y) if (x > y) 1 else if (x == y) 0.5 else 0
obuchowski <- function(markers, positive, patient) {
  clusters <- unique(patient); k <- length(markers)
  V10 <- V01 <- list(); theta <- numeric(k)
  for (r in seq_len(k)) {
    X <- markers[[r]][positive == 1]; Y <- markers[[r]][positive == 0]
    V10[[r]] <- sapply(X, function(x) mean(sapply(Y, function(y) kernel(x, y))))
    V01[[r]] <- sapply(Y, function(y) mean(sapply(X, function(x) kernel(x, y))))
    theta[r] <- mean(V10[[r]])
  }
  px <- patient[positive == 1]; py <- patient[positive == 0]
  I <- length(clusters); I10 <- length(unique(px)); I01 <- length(unique(py)); M <- length(px); N <- length(py)
  S10 <- S01 <- S11 <- matrix(0, k, k)
  for (r in seq_len(k)) for (s in seq_len(k)) {
    for (i in clusters) {
      dx <- function(j) sum(V10[[j]][px == i]) - sum(px == i) * theta[j]
      dy <- function(j) sum(V01[[j]][py == i]) - sum(py == i) * theta[j]
      S10[r, s] <- S10[r, s] + dx(r) * dx(s) * I10 / ((I10 - 1) * M)
      S01[r, s] <- S01[r, s] + dy(r) * dy(s) * I01 / ((I01 - 1) * N)
      S11[r, s] <- S11[r, s] + dx(r) * dy(s) * I / (I - 1)
    }
  }
  list(auc = theta, covariance = S10 / M + S01 / N + (S11 + t(S11)) / (M * N))
}
set.seed(20261121)
nested <- list()
for (n_patients in c(6, 15)) {
  size <- 1 + rnbinom(n_patients, size = 0.7, mu = 2)
  patient <- rep(seq_len(n_patients), size)
  u <- rnorm(n_patients)[patient]
  positive <- as.integer(u + rnorm(length(patient)) > 0)
  one <- round(u + positive + rnorm(length(patient)), 1); two <- round(positive + 2 * rnorm(length(patient)), 1)
  nested[[length(nested) + 1]] <- c(
    list(call = "obuchowski() of this script", data = "simulated in this script: ties, skewed lesion counts",
         patient = patient, positive = positive, one = one, two = two),
    obuchowski(list(one, two), positive, patient))
}
treatments <- list(  # lesions of aSAH grouped into made-up patients of three rows, to have clusters of published values
  call = "obuchowski() of this script", data = "aSAH s100b and ndka, rows 1-3, 4-6, ... taken as one patient",
  patient = (seq_along(sets$aSAH$positive) - 1) %/% 3)
nested[[3]] <- c(treatments, list(positive = sets$aSAH$positive, one = sets$aSAH$markers$s100b, two = sets$aSAH$markers$ndka),
  obuchowski(list(sets$aSAH$markers$s100b, sets$aSAH$markers$ndka), sets$aSAH$positive, treatments$patient))

write_json(
  list(software = paste(R.version.string, "pROC", packageVersion("pROC"), "MASS", packageVersion("MASS")),
       script = "tests/reference/roc.R", data = sets, areas = areas, paired = paired, unpaired = unpaired,
       partial = partial, points = points, bootstrap = bootstrap, binormal = binormal, nested = nested),
  "tests/reference/roc.json", digits = I(17), auto_unbox = TRUE, na = "null")
