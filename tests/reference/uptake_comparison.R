# Expected values for tests/kernels/test_random_effects.py, test_trend_tests.py, test_summary_tests.py and
# tests/analyses/test_compare_uptake_models.py. Run in this directory: Rscript uptake_comparison.R
suppressMessages({library(jsonlite); library(lme4); library(lmerTest); library(nlme); library(coin)})
packages <- c("lme4", "lmerTest", "nlme", "coin")
provenance <- paste(c(R.version.string, sapply(packages, function(p) paste(p, packageVersion(p)))), collapse = ", ")
cat(provenance, "\n")

control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6), check.conv.singular = "ignore")
model <- function(formula, data) {
  fit <- lmerTest::lmer(formula, data, REML = TRUE, control = control)
  v <- as.data.frame(VarCorr(fit)); s <- coef(summary(fit))
  out <- list(variances = setNames(as.list(v$vcov), v$grp), coefficients = unname(s[, 1]), se = unname(s[, 2]), df = unname(s[, "df"]),
              p = unname(s[, "Pr(>|t|)"]))
  if (nrow(s) > 1) { a <- anova(fit, ddf = "Satterthwaite"); out <- c(out, list(f = a$`F value`, f_df = a$DenDF)) }
  out
}
lesions <- read.csv("../../biomarker/examples/cd8/lesions.csv", na.strings = c("", "n/a", "n/a*", "-"))
names(lesions)[1] <- "patient_id"
lesions <- lesions[!is.na(lesions$suvmax_24h), ]
lesions$treated <- as.numeric(lesions$therapy == "Immunotherapy")
lesions$site <- sub(" .*", "", lesions$lesion_site)
machines <- data.frame(score = Machines$score, worker = as.character(Machines$Worker), machine = as.character(Machines$Machine))
machines$cell <- paste(machines$worker, machines$machine)

# Jonckheere-Terpstra without ties: U of each group against all before it are independent, so their densities convolve
jonckheere <- function(groups) {
  J <- 0; density <- 1; before <- groups[[1]]
  for (g in groups[-1]) {
    J <- J + sum(outer(before, g, "<")); u <- dwilcox(0:(length(before) * length(g)), length(before), length(g))
    density <- convolve(density, rev(u), type = "open"); before <- c(before, g)
  }
  list(j = J, p = min(1, 2 * min(sum(density[1:(J + 1)]), sum(density[(J + 1):length(density)]))))
}
mucociliary <- list(c(2.9, 3.0, 2.5, 2.6, 3.2), c(3.8, 2.7, 4.0, 2.4), c(2.8, 3.4, 3.7, 2.2, 2.0))
# whole patients permuted: the standardised linear statistic of their rank sums, by coin
by_patient <- function(values, group, id) {
  score <- tapply(rank(values) - (length(values) + 1) / 2, id, sum); of <- tapply(group, id, mean)
  test <- independence_test(as.numeric(score) ~ as.numeric(of), teststat = "scalar")
  list(z = unname(as.numeric(statistic(test, "standardized"))))
}
therapies <- as.integer(factor(lesions$therapy)) - 1
plants <- split(PlantGrowth$weight, PlantGrowth$group)
welch <- oneway.test(weight ~ group, PlantGrowth); pooled <- oneway.test(weight ~ group, PlantGrowth, var.equal = TRUE)
pooled_from <- function(m, s, n) { v <- sum((n - 1) * s^2) / (sum(n) - 2); t <- (m[1] - m[2]) / sqrt(v * sum(1 / n)); 2 * pt(-abs(t), sum(n) - 2) }
welch_from <- function(m, s, n) { v <- s^2 / n; t <- (m[1] - m[2]) / sqrt(sum(v)); 2 * pt(-abs(t), sum(v)^2 / sum(v^2 / (n - 1))) }
trastuzumab <- list(m = c(7.83, 5.73), s = c(0.55, 0.47), n = c(18, 18))
readings <- list(sd = c(1, 1), se = sqrt(c(18, 18)), ci = sqrt(c(18, 18)) / qt(0.975, 17))
write_json(list(
  provenance = provenance,
  data = list(penicillin = as.list(data.frame(diameter = Penicillin$diameter, plate = as.character(Penicillin$plate), sample = as.character(Penicillin$sample))),
              pastes = as.list(data.frame(strength = Pastes$strength, batch = as.character(Pastes$batch), sample = as.character(Pastes$sample))),
              machines = as.list(machines), mucociliary = mucociliary, plants = plants,
              cd8 = as.list(lesions[c("patient_id", "suvmax_24h", "treated", "site", "therapy")])),
  penicillin = model(diameter ~ 1 + (1 | plate) + (1 | sample), Penicillin),
  pastes = model(strength ~ 1 + (1 | batch) + (1 | sample), Pastes),
  machines = model(score ~ machine + (1 | worker) + (1 | cell), machines),
  cd8_site = model(log(suvmax_24h) ~ treated + (1 | patient_id) + (1 | site), lesions),
  jonckheere_mucociliary = jonckheere(mucociliary),
  patient_trend_therapy = by_patient(lesions$suvmax_24h, therapies, lesions$patient_id),
  welch_plants = list(f = unname(welch$statistic), df = unname(welch$parameter), p = welch$p.value),
  anova_plants = list(f = unname(pooled$statistic), df = unname(pooled$parameter), p = pooled$p.value),
  trastuzumab = lapply(readings, function(k) with(trastuzumab, list(student = pooled_from(m, s * k, n), welch = welch_from(m, s * k, n))))
), "uptake_comparison.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
