# Expected values for tests/kernels/test_survival_datasets.py, test_rmst.py, test_survival_bands.py and
# tests/analyses/test_survival_curves.py. Run in this directory: Rscript survival_curves.R   (writes survival_curves.json)
suppressMessages({library(jsonlite); library(survival); library(KMsurv); library(km.ci)})
versions <- c("survival", "KMsurv", "km.ci", "survMisc")
cat(R.version.string, "\n"); for (p in versions) cat(p, as.character(packageVersion(p)), "\n")

types <- c("log-log", "log", "plain", "logit", "arcsin")
survfit_all <- function(formula, data) setNames(lapply(types, function(type) {
  f <- survfit(formula, data, conf.type = type); q <- quantile(f, c(.25, .5, .75))
  i <- unique(round(seq(1, length(f$time), length.out = 25)))  # rows from all along the curve
  list(time = f$time[i], at_risk = f$n.risk[i], survival = f$surv[i], std_error = (f$std.err * f$surv)[i], low = f$lower[i], high = f$upper[i],
       quantile = as.vector(q$quantile), quantile_low = as.vector(q$lower), quantile_high = as.vector(q$upper))
}), types)
tests <- function(formula, data, rhos = c(0, 1, 0.5)) lapply(rhos, function(rho) {
  d <- survdiff(formula, data, rho = rho)
  list(rho = rho, chisq = d$chisq, p = d$pvalue, df = length(d$n) - 1, var = d$var)
})
# Weighted tests by the formulas of Klein and Moeschberger, section 7.3, group by group, with the hypergeometric variance
weighted <- function(t, e, g, weight) {
  times <- sort(unique(t[e == 1])); groups <- sort(unique(g))
  n <- sapply(times, function(u) sum(t >= u)); d <- sapply(times, function(u) sum(t == u & e == 1))
  w <- weight(n, d); k <- length(groups); z <- numeric(k); v <- matrix(0, k, k)
  share <- t(sapply(groups, function(a) sapply(times, function(u) sum(t >= u & g == a)))) / rep(n, each = k)
  for (i in seq_along(groups)) {
    di <- sapply(times, function(u) sum(t == u & e == 1 & g == groups[i]))
    z[i] <- sum(w * (di - share[i, ] * d))
    for (j in seq_along(groups))
      v[i, j] <- sum(ifelse(n > 1, w^2 * share[i, ] * ((i == j) - share[j, ]) * d * (n - d) / pmax(n - 1, 1), 0))
  }
  chisq <- drop(z[-1] %*% solve(v[-1, -1, drop = FALSE]) %*% z[-1])
  score <- seq_len(k); list(chisq = chisq, z = z, trend = sum(score * z) / sqrt(drop(score %*% v %*% score)))
}
peto <- function(n, d) cumprod(1 - d / (n + 1))
before <- function(n, d) c(1, head(cumprod(1 - d / n), -1))
fh <- function(rho, gamma) function(n, d) before(n, d)^rho * (1 - before(n, d))^gamma
schemes <- list(`log-rank` = function(n, d) rep(1, length(n)), gehan = function(n, d) n, `tarone-ware` = function(n, d) sqrt(n), peto = peto,
                `modified-peto` = function(n, d) peto(n, d) * n / (n + 1), `fh 0 1` = fh(0, 1), `fh 1 0` = fh(1, 0), `fh 1 1` = fh(1, 1),
                `fh .5 .5` = fh(.5, .5), `fh .5 2` = fh(.5, 2))
all_weighted <- function(t, e, g) lapply(schemes, function(weight) weighted(t, e, g, weight))
# RMST by the formulas of survRM2 (Uno et al.): area, its variance, and normal contrasts
rmst <- function(t, e, tau) {
  f <- survfit(Surv(t, e) ~ 1); i <- f$time <= tau
  times <- sort(c(f$time[i], tau)); s <- f$surv[i]; areas <- diff(c(0, times)) * c(1, s)
  v <- ifelse(f$n.risk[i] - f$n.event[i] == 0, 0, f$n.event[i] / (f$n.risk[i] * (f$n.risk[i] - f$n.event[i]))); v <- c(v, 0)
  c(sum(areas), sum(cumsum(rev(areas[-1]))^2 * rev(v)[-1]))
}
rmst_pair <- function(t, e, g, tau) {  # group 1 against group 0
  a <- rmst(t[g == 1], e[g == 1], tau); b <- rmst(t[g == 0], e[g == 0], tau); z <- qnorm(.975)
  se <- sqrt(a[2] + b[2]); sl <- sqrt(a[2] / a[1]^2 + b[2] / b[1]^2); d <- a[1] - b[1]; r <- log(a[1] / b[1])
  list(tau = tau, one = a, zero = b, difference = c(d, d - z * se, d + z * se, 2 * pnorm(-abs(d) / se)),
       ratio = c(exp(r), exp(r - z * sl), exp(r + z * sl), 2 * pnorm(-abs(r) / sl)))
}
# print.survfit's own restricted mean and its standard error: another hand
printed_rmst <- function(t, e, tau) unname(summary(survfit(Surv(t, e) ~ 1), rmean = tau)$table[c("rmean", "se(rmean)")])

two <- function(t, e, g, tau) list(t = t, e = e, g = g, km = survfit_all(Surv(t, e) ~ 1, data.frame(t, e)), tests = tests(Surv(t, e) ~ g, data.frame(t, e, g)),
  weighted = all_weighted(t, e, g), rmst = if (!is.na(tau)) rmst_pair(t, e, g, tau), printed = if (!is.na(tau)) printed_rmst(t[g == 1], e[g == 1], tau))
aml <- survival::aml; vet <- survival::veteran; pbc <- na.omit(survival::pbc[, c("time", "status", "trt", "stage")]); mye <- na.omit(survival::myeloid[, c("futime", "death", "trt", "sex")])
mgus <- survival::mgus; ova <- survival::ovarian; lung <- survival::lung; data(kidney, package = "KMsurv"); catheter <- kidney; data(larynx, package = "KMsurv"); data(bmt, package = "KMsurv")
stanford <- survival::jasa1  # start, stop, event, transplant

bands <- function(t, e) {
  f <- survfit(Surv(t, e) ~ 1); n <- f$n; u <- f$n.event > 0 & f$surv > 0; g <- cumsum(f$n.event / (f$n.risk * (f$n.risk - f$n.event)))
  a <- (n * g / (1 + n * g))[u]
  out <- lapply(c("hall-wellner", "loghall", "epband", "logep"), function(m) { b <- km.ci(f, method = m); list(time = b$time, low = b$lower, high = b$upper) })
  list(t = t, e = e, a = range(a), out = setNames(out, c("hall_plain", "hall_loglog", "ep_plain", "ep_loglog")))
}
ns <- asNamespace("km.ci"); hw <- as.matrix(get("critical.value.hall.95", ns)); ep <- as.matrix(get("critical.value.nair.95", ns))
pairwise <- survminer::pairwise_survdiff(Surv(time, status) ~ celltype, vet, p.adjust.method = "holm")$p.value
out <- list(
  made_with = c(list(R = R.version.string), lapply(setNames(versions, versions), function(p) as.character(packageVersion(p)))),
  sets = list(aml = two(aml$time, aml$status, as.integer(aml$x == "Nonmaintained"), 45), veteran = two(vet$time, vet$status, vet$trt - 1, 365),
              pbc = two(pbc$time, as.integer(pbc$status == 2), pbc$trt - 1, 3650), myeloid = two(mye$futime, mye$death, as.integer(mye$trt == "B"), 2000),
              ovarian = two(ova$futime, ova$fustat, ova$rx - 1, 1000), lung = two(lung$time, as.integer(lung$status == 2), lung$sex - 1, 900),
              catheter = two(catheter$time, catheter$delta, catheter$type - 1, 25)),
  groups = list(larynx = list(t = larynx$time, e = larynx$delta, g = larynx$stage - 1, weighted = all_weighted(larynx$time, larynx$delta, larynx$stage)),
                bmt = list(t = bmt$t2, e = bmt$d3, g = bmt$group - 1, weighted = all_weighted(bmt$t2, bmt$d3, bmt$group))),
  strata = list(veteran = tests(Surv(time, status) ~ trt + strata(celltype), vet), pbc = tests(Surv(time, status == 2) ~ trt + strata(stage), pbc),
                veteran_strata = as.integer(vet$celltype) - 1, pbc_strata = pbc$stage - 1, myeloid = tests(Surv(futime, death) ~ trt + strata(sex), mye), myeloid_strata = as.integer(mye$sex) - 1),
  entry = list(stanford = list(start = stanford$start, stop = stanford$stop, event = stanford$event, g = stanford$transplant,
                               km = survfit_all(Surv(start, stop, event) ~ 1, stanford)),
               mgus = with(subset(mgus, futime > 0), list(start = age * 365.25, stop = age * 365.25 + futime, event = death,
                            km = survfit_all(Surv(age * 365.25, age * 365.25 + futime, death) ~ 1, subset(mgus, futime > 0))))),
  bands = list(allo = bands(bmt$t2[bmt$group == 1], bmt$d3[bmt$group == 1]), ovarian = bands(ova$futime, ova$fustat), hall = hw, nair = ep),
  pairwise = list(names = c(rownames(pairwise), colnames(pairwise)), p = pairwise, cell = as.character(vet$celltype), time = vet$time, status = vet$status)
)
write(toJSON(out, digits = NA, auto_unbox = TRUE, dataframe = "columns", na = "null"), "survival_curves.json")
