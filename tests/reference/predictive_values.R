# Reference values for tests/kernels/test_proportion.py, test_two_by_two.py, test_clustered_proportion.py and
# test_clustered_two_by_two.py. Run in this directory: Rscript predictive_values.R
suppressMessages({ library(epiR); library(psych); library(geepack); library(jsonlite) })
cat(R.version.string, "epiR", as.character(packageVersion("epiR")), "psych", as.character(packageVersion("psych")),
    "geepack", as.character(packageVersion("geepack")), "\n")

# --- proportions: stats::prop.test, stats::binom.test, stats::qbeta ----------------------------------------------
proportions <- lapply(list(c(25, 30), c(8, 16), c(0, 10), c(10, 10), c(81, 263), c(1, 2)), function(p) {
  x <- p[1]; n <- p[2]
  z <- qnorm(0.975); nt <- n + z^2; pt <- (x + z^2 / 2) / nt
  list(x = x, n = n,
       wilson = as.numeric(suppressWarnings(prop.test(x, n, correct = FALSE))$conf.int),
       clopper_pearson = as.numeric(binom.test(x, n)$conf.int),
       wilson_90 = as.numeric(suppressWarnings(prop.test(x, n, correct = FALSE, conf.level = 0.9))$conf.int),
       jeffreys = c(if (x == 0) 0 else qbeta(0.025, x + .5, n - x + .5), if (x == n) 1 else qbeta(0.975, x + .5, n - x + .5)),
       agresti_coull = pmin(pmax(pt + c(-1, 1) * z * sqrt(pt * (1 - pt) / nt), 0), 1))
})

# --- 2x2 tables: epiR::epi.tests(method = "wilson" and "exact"), psych::cohen.kappa -------------------------------
limits <- function(detail, name) as.numeric(detail[detail$statistic == name, c("est", "lower", "upper")])
tables <- lapply(list(c(25, 5, 8, 8), c(240, 87, 178, 288), c(17, 1, 2, 11), c(815, 208, 115, 327)), function(v) {
  tab <- matrix(c(v[1], v[3], v[2], v[4]), 2)          # rows: test +, -; columns: reference +, -
  wilson <- epi.tests(v, method = "wilson")$detail
  exact <- epi.tests(v, method = "exact")$detail
  kappa <- suppressWarnings(cohen.kappa(tab))
  # Woolf, by the information matrix of the logistic model at its estimate (glm() stops one step short of it: 5e-8)
  X <- cbind(1, c(1, 1, 0, 0))[c(1, 3), ]; n_test <- c(v[1] + v[2], v[3] + v[4]); p_test <- c(v[1], v[3]) / n_test
  beta <- solve(X, qlogis(p_test)); odds <- c(beta[2], sqrt(solve(t(X) %*% (n_test * p_test * (1 - p_test) * X))[2, 2]))
  # delta variance of phi by numerical differentiation of the multinomial log-probabilities
  phi <- function(p) (p[1] * p[4] - p[2] * p[3]) /
    sqrt((p[1] + p[2]) * (p[3] + p[4]) * (p[1] + p[3]) * (p[2] + p[4]))
  n <- sum(v); p <- v / n; h <- 1e-6
  slope <- sapply(1:4, function(i) { up <- p; dn <- p; up[i] <- up[i] + h; dn[i] <- dn[i] - h
                                     (phi(up) - phi(dn)) / (2 * h) })
  covariance <- (diag(p) - outer(p, p)) / n
  list(counts = v,
       sensitivity_wilson = limits(wilson, "se"), specificity_wilson = limits(wilson, "sp"),
       ppv_wilson = limits(wilson, "pv.pos"), npv_wilson = limits(wilson, "pv.neg"),
       accuracy_wilson = limits(wilson, "diag.ac"), prevalence_wilson = limits(wilson, "tp"),
       sensitivity_exact = limits(exact, "se"), ppv_exact = limits(exact, "pv.pos"), npv_exact = limits(exact, "pv.neg"),
       specificity_exact = limits(exact, "sp"),
       lr_positive = limits(exact, "lr.pos"), lr_negative = limits(exact, "lr.neg"),
       diagnostic_odds_ratio = as.numeric(exp(odds[1] + c(0, -1, 1) * qnorm(0.975) * odds[2])),
       kappa = kappa$kappa, kappa_variance = kappa$var.kappa,
       mcc = phi(p), mcc_variance = as.numeric(t(slope) %*% covariance %*% slope))
})

# --- predictive values at another prevalence: Mercaldo, Lau and Zhou 2007, equations 8-11, written out -----------
mercaldo <- lapply(c(0.03, 0.2, 0.5), function(prevalence) {
  one <- function(se, sp, n1, n0) {
    z <- qnorm(0.975)
    ppv <- qlogis(se * prevalence / (se * prevalence + (1 - sp) * (1 - prevalence)))
    npv <- qlogis(sp * (1 - prevalence) / (sp * (1 - prevalence) + (1 - se) * prevalence))
    v_ppv <- (1 - se) / se / n1 + sp / (1 - sp) / n0
    v_npv <- se / (1 - se) / n1 + (1 - sp) / sp / n0
    list(ppv = plogis(ppv + c(0, -1, 1) * z * sqrt(v_ppv)), npv = plogis(npv + c(0, -1, 1) * z * sqrt(v_npv)))
  }
  k2 <- qnorm(0.975)^2
  list(prevalence = prevalence,
       standard = one(240 / 418, 288 / 375, 418, 375),
       adjusted = one((240 + k2 / 2) / (418 + k2), (288 + k2 / 2) / (375 + k2), 418 + k2, 375 + k2))
})

# --- nested lesions: geepack::geeglm(corstr = "independence"), sandwich variance without a small-sample factor -----
x <- c(6, 0, 3, 2, 1, 3, 5, 0, 1); m <- c(6, 3, 4, 2, 2, 3, 9, 1, 1)
lesions <- data.frame(patient = rep(seq_along(m), m), y = unlist(mapply(function(a, b) rep(c(1, 0), c(a, b - a)), x, m)))
fit <- geeglm(y ~ 1, id = patient, family = binomial, data = lesions, corstr = "independence",
              control = geese.control(epsilon = 1e-14))
p <- plogis(coef(fit)[[1]])
anova_table <- anova(lm(y ~ factor(patient), lesions))
n0 <- (sum(m) - sum(m^2) / sum(m)) / (length(m) - 1)
ms <- anova_table$`Mean Sq`
icc <- (ms[1] - ms[2]) / (ms[1] + (n0 - 1) * ms[2])
nested <- list(x = x, m = m, p = p, logit_variance = vcov(fit)[1, 1], variance = vcov(fit)[1, 1] * (p * (1 - p))^2, icc = icc,
               exchangeable = p * (1 - p) / sum(m) * (1 + (sum(m^2) / sum(m) - 1) * icc))

# --- nested 2x2: log LR+ from two stacked log-link means by GEE, one cluster a patient ----------------------------
tp <- c(3, 2, 0, 4, 1, 2, 0, 5); fp <- c(0, 1, 1, 0, 0, 2, 1, 0); fn <- c(1, 0, 1, 0, 0, 1, 2, 1); tn <- c(2, 3, 1, 0, 2, 4, 1, 0)
cells <- do.call(rbind, lapply(seq_along(tp), function(i) data.frame(
  patient = i, truth = rep(c(1, 0, 1, 0), c(tp[i], fp[i], fn[i], tn[i])), test = rep(c(1, 1, 0, 0), c(tp[i], fp[i], fn[i], tn[i])))))
gee <- geeglm(test ~ truth, id = patient, family = binomial("logit"), data = cells, corstr = "independence",
              control = geese.control(epsilon = 1e-14))
b <- coef(gee); V <- vcov(gee)
fpr <- plogis(b[[1]]); se <- plogis(b[[1]] + b[[2]])
L <- c((1 - se) - (1 - fpr), 1 - se)                   # d log(se/fpr) / d(intercept, slope)
nested_table <- list(tp = tp, fp = fp, fn = fn, tn = tn, sensitivity = se, specificity = 1 - fpr,
                     log_lr_positive_variance = as.numeric(t(L) %*% V %*% L), log_odds_ratio_variance = V[2, 2])

writeLines(toJSON(list(software = list(R = R.version.string, epiR = as.character(packageVersion("epiR")),
                                       psych = as.character(packageVersion("psych")), geepack = as.character(packageVersion("geepack"))),
                       proportions = proportions, tables = tables, mercaldo = mercaldo, nested = nested, nested_table = nested_table),
                  auto_unbox = TRUE, digits = NA, pretty = TRUE), "predictive_values.json")
