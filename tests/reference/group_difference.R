# Expected values for tests/kernels/test_group_difference.py, test_mixed.py, test_rank_tests.py, test_rank_tests_several.py
# and test_clustered_ranks.py. Run in this directory: Rscript group_difference.R   (writes group_difference.json)
suppressMessages({library(jsonlite); library(lme4); library(nlme); library(exactRankTests)})
packages <- c("lme4", "nlme", "exactRankTests")
provenance <- paste(c(R.version.string, sapply(packages, function(p) paste(p, packageVersion(p)))), collapse = ", ")
cat(provenance, "\n")

lesions <- read.csv("../../biomarker/examples/cd8/lesions.csv", na.strings = c("", "n/a", "n/a*", "-"))
names(lesions)[1] <- "patient_id"
times <- c("suvmax_2h", "suvmax_24h", "suvmax_48h", "suvmax_135h")
lesions <- lesions[complete.cases(lesions[times]), ]
lesions$on_immunotherapy <- as.numeric(lesions$therapy == "Immunotherapy")
lesions$is_node <- as.numeric(grepl("^LN", lesions$lesion_site))

sleep_1 <- sleep$extra[sleep$group == 1]; sleep_2 <- sleep$extra[sleep$group == 2]
placenta <- list(x = c(0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46), y = c(1.15, 0.88, 0.90, 0.74, 1.21))
immuno <- list(x = lesions$suvmax_24h[lesions$on_immunotherapy == 1], y = lesions$suvmax_24h[lesions$on_immunotherapy == 0])
depression <- c(1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30) - c(0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29)

t_values <- function(h) list(difference = unname(diff(rev(h$estimate))), se = h$stderr, low = h$conf.int[1], high = h$conf.int[2],
                             t = unname(h$statistic), df = unname(h$parameter), p = h$p.value)
# Hedges g: noncentral t limits found by uniroot on pt(), exact correction J by gamma()
hedges <- function(x, y, level = .95) {
  m <- length(x); n <- length(y); df <- m + n - 2
  t <- unname(t.test(x, y, var.equal = TRUE)$statistic)
  J <- exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)
  k <- sqrt(1 / m + 1 / n) * J
  solve_for <- function(p) uniroot(function(d) pt(t, df, d) - p, t + c(-15, 15), tol = 1e-12)$root
  list(g = t * k, low = solve_for((1 + level) / 2) * k, high = solve_for((1 - level) / 2) * k)
}
# exactRankTests measures two-sided extremeness by the distance from the mean, we by the tail: under ties the distribution is lopsided
# and the two differ, so its one-sided p-values are doubled here
doubled <- function(f, ...) min(1, 2 * min(f(..., alternative = "less")$p.value, f(..., alternative = "greater")$p.value))
rank_sum <- function(x, y) {
  asymptotic <- suppressWarnings(wilcox.test(x, y, exact = FALSE, conf.int = TRUE))
  out <- list(w = unname(asymptotic$statistic), p_asymptotic = asymptotic$p.value, low_asymptotic = asymptotic$conf.int[1],
              high_asymptotic = asymptotic$conf.int[2], p_conditional = doubled(wilcox.exact, x, y))
  if (!anyDuplicated(c(x, y))) {
    e <- wilcox.test(x, y, exact = TRUE, conf.int = TRUE)
    out <- c(out, list(p_exact = e$p.value, shift = unname(e$estimate), low = e$conf.int[1], high = e$conf.int[2]))
  }
  out
}
signed <- function(d) {
  asymptotic <- suppressWarnings(wilcox.test(d, exact = FALSE, conf.int = TRUE))
  out <- list(v = unname(asymptotic$statistic), p_asymptotic = asymptotic$p.value, low_asymptotic = asymptotic$conf.int[1],
              high_asymptotic = asymptotic$conf.int[2], p_conditional = doubled(wilcox.exact, d[d != 0]))
  if (!anyDuplicated(abs(d)) && all(d != 0)) {
    e <- wilcox.test(d, exact = TRUE, conf.int = TRUE)
    out <- c(out, list(p_exact = e$p.value, centre = unname(e$estimate), low = e$conf.int[1], high = e$conf.int[2]))
  }
  out
}
# random intercept by REML; t with nlme's containment degrees of freedom
mixed <- function(formula, data) {
  fit <- lmer(update(formula, . ~ . + (1 | patient_id)), data, REML = TRUE,
              control = lmerControl(optimizer = "nloptwrap", optCtrl = list(xtol_abs = 1e-14, ftol_abs = 1e-16, maxeval = 100000), check.conv.singular = "ignore"))
  v <- as.data.frame(VarCorr(fit))
  out <- list(coefficients = unname(fixef(fit)), se = unname(sqrt(diag(as.matrix(vcov(fit))))), between = v$vcov[1], within = v$vcov[2],
              reml = as.numeric(logLik(fit)))
  nl <- tryCatch(summary(lme(formula, random = ~ 1 | patient_id, data = data, control = lmeControl(tolerance = 1e-12, msTol = 1e-14)))$tTable,
                 error = function(e) NULL)
  if (!is.null(nl)) out <- c(out, list(nlme_df = unname(nl[, "DF"]), nlme_p = unname(nl[, "p-value"])))
  out
}
# Datta and Satten (2005) from the formulas, patient by patient and lesion by lesion
datta_satten <- function(x, g, id) {
  ids <- unique(id); K <- length(ids); n <- table(factor(id, ids)); share <- tapply(g, factor(id, ids), mean)
  half <- function(v, at) (mean(v < at) + mean(v <= at)) / 2
  S <- 0
  for (a in seq_along(x)) if (g[a] == 1) {
    own <- match(id[a], ids)
    S <- S + (1 + sum(sapply(ids[-own], function(j) half(x[id == j], x[a])))) / n[own]
  }
  S <- unname(S) / (K + 1)
  W <- sapply(ids, function(i) {
    own <- match(i, ids)
    rows <- which(id == i)
    terms <- sapply(rows, function(a) ((K - 1) * g[a] - sum(share[-own])) * half(x, x[a]))
    sum(terms) / n[own] / (K + 1) - (K * share[own] - sum(share)) / (2 * (K + 1))
  })
  z <- (S - sum(share) / 2) / sqrt(sum(W^2))
  list(s = S, z = unname(z), p_t = unname(2 * pt(-abs(z), K - 1)), p_normal = unname(2 * pnorm(-abs(z))))
}
# permutation of whole patients: exactRankTests' exact two-sample test on each patient's sum of centred ranks
patient_permutation <- function(x, g, id) {
  score <- tapply(2 * rank(x) - (length(x) + 1), id, sum)
  group <- factor(tapply(g, id, mean))
  shifted <- as.integer(score - min(score))
  list(statistic = sum(score[group == 1]) / 2, p = doubled(perm.test, shifted[group == 1], shifted[group == 0], exact = TRUE))
}
motivation <- list(c(40, 35, 38, 43, 44, 41), c(38, 40, 47, 44, 40, 42), c(48, 40, 45, 43, 46, 44))
rounding <- matrix(c(5.40, 5.50, 5.55, 5.85, 5.70, 5.75, 5.20, 5.60, 5.50, 5.55, 5.50, 5.40, 5.90, 5.85, 5.70, 5.45, 5.55, 5.60,
                     5.40, 5.40, 5.35, 5.45, 5.50, 5.35, 5.25, 5.15, 5.00, 5.85, 5.80, 5.70, 5.25, 5.20, 5.10, 5.65, 5.55, 5.45,
                     5.60, 5.35, 5.45, 5.05, 5.00, 4.95, 5.50, 5.50, 5.40, 5.45, 5.55, 5.50, 5.55, 5.55, 5.35, 5.45, 5.50, 5.55,
                     5.50, 5.45, 5.25, 5.65, 5.60, 5.40, 5.70, 5.65, 5.55, 6.30, 6.30, 6.25), 22, byrow = TRUE)
chi <- function(h) list(statistic = unname(h$statistic), df = unname(h$parameter), p = h$p.value)
# Jonckheere-Terpstra is in no package at hand: its distribution is seen over 20,000 permutations
jonckheere <- function(groups) {
  J <- function(v, g) { s <- 0; for (a in 1:(max(g) - 1)) for (b in (a + 1):max(g)) s <- s + sum(outer(v[g == a], v[g == b], function(p, q) (p < q) + (p == q) / 2)); s }
  v <- unlist(groups); g <- rep(seq_along(groups), lengths(groups))
  set.seed(1); draws <- replicate(20000, J(sample(v), g))
  list(j = J(v, g), mean = mean(draws), sd = sd(draws), p_upper = mean(draws >= J(v, g)))
}
# every patient's mean is that of the group, so the variance between patients is estimated as zero
wave <- sin(seq_len(nrow(lesions)) * 7.3)
null_data <- transform(lesions, suvmax_24h = exp(0.3 + 0.5 * on_immunotherapy + wave - ave(wave, lesions$patient_id)))
d <- lesions$suvmax_24h - lesions$suvmax_2h
write_json(list(
  provenance = provenance,
  data = "sleep, placenta, depression: R datasets and Hollander & Wolfe (1973); cd8 example, 42 lesions",
  lesions = c(as.list(lesions[c("patient_id", times, "on_immunotherapy", "is_node", "therapy")]), list(null = null_data$suvmax_24h)),
  welch_sleep = t_values(t.test(sleep_1, sleep_2)),
  pooled_sleep = t_values(t.test(sleep_1, sleep_2, var.equal = TRUE)),
  welch_log_immuno = t_values(t.test(log(immuno$x), log(immuno$y))),
  paired_sleep = { h <- t.test(sleep_1 - sleep_2); list(difference = unname(h$estimate), se = h$stderr, low = h$conf.int[1], high = h$conf.int[2], t = unname(h$statistic), df = unname(h$parameter), p = h$p.value) },
  hedges_sleep = hedges(sleep_1, sleep_2),
  hedges_immuno_90 = hedges(log(immuno$x), log(immuno$y), .90),
  rank_sum_placenta = rank_sum(placenta$x, placenta$y),
  rank_sum_immuno = rank_sum(immuno$x, immuno$y),
  signed_depression = signed(depression),
  signed_cd8 = signed(d),
  kruskal_cd8 = chi(kruskal.test(suvmax_24h ~ factor(therapy), lesions)),
  friedman_rounding = chi(friedman.test(rounding)),
  friedman_cd8 = chi(friedman.test(as.matrix(lesions[times]))),
  jonckheere_motivation = jonckheere(motivation),
  mixed_immuno = mixed(log(suvmax_24h) ~ on_immunotherapy, lesions),
  mixed_node = mixed(log(suvmax_24h) ~ is_node, lesions),
  mixed_therapy = c(mixed(log(suvmax_24h) ~ therapy, lesions),
                    { a <- anova(lme(log(suvmax_24h) ~ therapy, random = ~ 1 | patient_id, data = lesions, control = lmeControl(tolerance = 1e-12, msTol = 1e-14)));
                      list(f = a$`F-value`[2], f_df = a$denDF[2], f_p = a$`p-value`[2]) }),
  mixed_135h_mean = mixed(log(suvmax_135h) ~ 1, lesions),
  mixed_singular = mixed(log(suvmax_24h) ~ on_immunotherapy, null_data),
  datta_satten_immuno = datta_satten(lesions$suvmax_24h, lesions$on_immunotherapy, lesions$patient_id),
  datta_satten_node = datta_satten(lesions$suvmax_24h, lesions$is_node, lesions$patient_id),
  patient_permutation_immuno = patient_permutation(lesions$suvmax_24h, lesions$on_immunotherapy, lesions$patient_id)
), "group_difference.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
