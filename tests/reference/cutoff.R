# Reference values for the cutoff kernels. Run from the repository root:
#   Rscript tests/reference/cutoff.R
# writes tests/reference/cutoff.json with 17 digits. Every value stands beside the call that made it.
suppressPackageStartupMessages({
  library(cutpointr)
  library(OptimalCutpoints)
  library(maxstat)
  library(jsonlite)
})
packages <- c("cutpointr", "OptimalCutpoints", "maxstat", "pROC", "MASS", "jsonlite")
versions <- sapply(packages, function(package) as.character(packageVersion(package)))
cat(R.version.string, "\n"); print(versions)

data(suicide, package = "cutpointr"); data(elas, package = "OptimalCutpoints"); data(aSAH, package = "pROC")
set <- function(source, marker, positive, higher) {
  keep <- !is.na(marker) & !is.na(positive)
  list(source = source, marker = as.numeric(marker[keep]), positive = as.integer(positive[keep]), higher_is_positive = higher)
}
sets <- list(
  suicide = set("cutpointr::suicide, dsi, suicide == yes: 532 rows on 12 values", suicide$dsi, suicide$suicide == "yes", TRUE),
  elas = set("OptimalCutpoints::elas, elas, status == 1", elas$elas, elas$status == 1, TRUE),
  aSAH = set("pROC::aSAH, s100b, outcome == Poor", aSAH$s100b, aSAH$outcome == "Poor", TRUE),
  birthwt = set("MASS::birthwt, lwt, low: low weight of the mother is positive", MASS::birthwt$lwt, MASS::birthwt$low == 1, FALSE),
  iris = set("datasets::iris, Petal.Length, setosa among all: perfectly separated, reversed", iris$Petal.Length, iris$Species == "setosa", FALSE),
  pima = set("MASS::Pima.te, glu, diabetes", MASS::Pima.te$glu, MASS::Pima.te$type == "Yes", TRUE)
)

# ours = OptimalCutpoints's; the control holds what we pass as settings
control <- control.cutpoints(CFP = 1, CFN = 2, valueSe = 0.9, valueSp = 0.9, valuePPV = 0.6, valueNPV = 0.9)
methods <- c(youden = "Youden", closest_topleft = "ROC01", max_product = "MaxProdSpSe", max_accuracy = "MaxEfficiency",
             max_kappa = "MaxKappa", min_sensitivity = "MinValueSe", min_specificity = "MinValueSp", target_ppv = "MinValuePPV",
             target_npv = "MinValueNPV", prevalence_matching = "PrevalenceMatching", max_odds_ratio = "MaxDOR", cost = "MCT")
optimal <- function(data, method, prevalence = NULL) {
  frame <- data.frame(marker = data$marker, status = data$positive)
  fit <- suppressWarnings(optimal.cutpoints(
    X = "marker", status = "status", tag.healthy = 0, methods = method, data = frame, pop.prev = prevalence,
    direction = if (data$higher_is_positive) "<" else ">", control = control))
  global <- fit[[1]]$Global
  list(
    cutoffs = as.numeric(global$optimal.cutoff$cutoff),
    sensitivity = as.numeric(global$optimal.cutoff$Se[, 1]),
    specificity = as.numeric(global$optimal.cutoff$Sp[, 1]),
    criterion = if (is.null(global$optimal.criterion)) NA else as.numeric(global$optimal.criterion)[1])
}
optima <- lapply(sets, function(data) {
  found <- lapply(methods, function(method) optimal(data, method))
  found$cost_at_prevalence <- optimal(data, "MCT", 0.2)             # pop.prev = 0.2
  found$target_ppv_at_prevalence <- optimal(data, "MinValuePPV", 0.5)
  found
})

# cutpointr: F1, which OptimalCutpoints lacks, and Youden, accuracy and kappa again; break_ties = c keeps every tied optimum
again <- function(data, metric) {
  fit <- suppressWarnings(suppressMessages(cutpointr(
    data.frame(marker = data$marker, class = data$positive), marker, class, pos_class = 1, neg_class = 0,
    direction = if (data$higher_is_positive) ">=" else "<=", method = maximize_metric, metric = metric,
    break_ties = c, tol_metric = 1e-10)))
  cutoffs <- sort(as.numeric(unlist(fit$optimal_cutpoint)))
  list(cutoffs = cutoffs[is.finite(cutoffs)], value = as.numeric(unlist(fit[[4]]))[1])
}
metrics <- list(max_f1 = F1_score, youden = youden, max_accuracy = accuracy, max_kappa = cohens_kappa, max_product = prod_sens_spec)
twice <- lapply(sets, function(data) lapply(metrics, function(metric) again(data, metric)))

# smallest p: chisq.test(correct = FALSE) at every distinct value; maxstat's Lausen-Schumacher 1992, which is Miller-Siegmund's formula.
# maxstat standardises by the permutation variance: its statistic squared is chi-square times (n - 1) / n.
smallest <- lapply(sets, function(data) {
  values <- sort(unique(data$marker))
  called <- function(cutoff) if (data$higher_is_positive) data$marker >= cutoff else data$marker <= cutoff
  chi <- suppressWarnings(sapply(values, function(cutoff) {
    if (length(unique(called(cutoff))) < 2) return(NA)
    unname(chisq.test(table(called(cutoff), data$positive), correct = FALSE)$statistic)
  }))
  fit <- maxstat.test(positive ~ marker, data = as.data.frame(data[c("marker", "positive")]), smethod = "Data",
                      pmethod = "Lau92", minprop = 0.1, maxprop = 0.9)
  list(values = values, chi_square = chi, maxstat = unname(fit$statistic), lausen = unname(fit$p.value))
})
formula <- lapply(c(1.5, 2, 2.5, 3, 3.5, 4), function(z) list(z = z, p = pLausen92(z, 0.1, 0.9), p5 = pLausen92(z, 0.05, 0.95)))

write(toJSON(list(r = R.version.string, versions = as.list(versions), sets = sets, optima = optima, twice = twice, smallest = smallest,
                  formula = formula), digits = NA, auto_unbox = TRUE, null = "null", na = "null"), "tests/reference/cutoff.json")
