# Expected values for tests/kernels/test_log_rank_scan.py, test_maximally_selected.py, test_survival_cutoff.py and
# tests/analyses/test_survival_cutoff.py. Run in this directory: Rscript survival_cutoff.R   (writes survival_cutoff.json)
suppressMessages({library(jsonlite); library(survival); library(maxstat); library(exactRankTests)})
versions <- c("survival", "maxstat", "exactRankTests", "mvtnorm")
cat(R.version.string, "\n"); for (p in versions) cat(p, as.character(packageVersion(p)), "\n")

one <- function(t, e, x, minprop = .1, maxprop = .9, exact = TRUE) {
  d <- data.frame(t, e, x); run <- function(p, ...) maxstat.test(Surv(t, e) ~ x, data = d, smethod = "LogRank", pmethod = p, minprop = minprop, maxprop = maxprop, ...)
  l92 <- run("Lau92"); l94 <- run("Lau94"); set.seed(1); gauss <- run("exactGauss", abseps = 1e-5, maxpts = 1e6); set.seed(2); mc <- run("condMC", B = 50000)
  hl <- if (exact) run("HL") else list(p.value = NA, statistic = NA)
  # the plain log-rank test and Cox's model at maxstat's cutoff and at others
  cuts <- quantile(x, c(.2, .35, .5, .65, .8), type = 1)
  cuts <- cuts[cuts > min(x)]
  plain <- sapply(cuts, function(k) survdiff(Surv(t, e) ~ x >= k, d)$chisq)
  cox <- sapply(cuts, function(k) { f <- coxph(Surv(t, e) ~ I(x >= k), d, control = coxph.control(eps = 1e-13, iter.max = 100)); c(coef(f), sqrt(vcov(f))) })
  linear <- coxph(Surv(t, e) ~ x, d, control = coxph.control(eps = 1e-13, iter.max = 100))
  scores <- cscores(Surv(t, e), type = "LogRank")
  list(t = t, e = e, x = x, minprop = minprop, maxprop = maxprop, scores = as.vector(scores), stats = unname(l94$stats), cuts = unname(l94$cuts), statistic = unname(l94$statistic),
       estimate = unname(l94$estimate), lau92 = l92$p.value, lau94 = l94$p.value, exact_gauss = as.vector(gauss$p.value), exact_gauss_error = 1e-4,
       cond_mc = mc$p.value, hl = hl$p.value, hl_statistic = unname(hl$statistic), plain = list(cuts = unname(cuts), chisq = unname(plain)),
       cox = list(value = unname(cox[1, ]), std_error = unname(cox[2, ])), linear = c(coef(linear), sqrt(vcov(linear))))
}
set.seed(20261121); n <- 80; x <- round(rlnorm(n, 2, .6), 3); t <- rexp(n, .05 * (1 + (x > 9))); cens <- runif(n, 5, 40)
untied <- one(round(pmin(t, cens), 6), as.integer(t <= cens), x)
ova <- survival::ovarian; vet <- survival::veteran; pbc <- na.omit(survival::pbc[, c("time", "status", "bili")]); lung <- na.omit(survival::lung[, c("time", "status", "age")])
mye <- na.omit(survival::myeloma[, c("year", "entry", "futime", "death")]); gbsg <- survival::gbsg
data(DLBCL, package = "maxstat"); dl <- na.omit(DLBCL[, c("time", "cens", "MGE")])
st <- na.omit(survival::stanford2[, c("time", "status", "age")]); st <- st[st$time > 0, ]
out <- list(made_with = c(list(R = R.version.string), lapply(setNames(versions, versions), function(p) as.character(packageVersion(p)))),
  sets = list(untied = untied, DLBCL = one(dl$time, dl$cens, dl$MGE), ovarian = one(ova$futime, ova$fustat, ova$age, .2, .8), veteran = one(vet$time, vet$status, vet$age),
              lung = one(lung$time, as.integer(lung$status == 2), lung$age, exact = FALSE), pbc = one(pbc$time, as.integer(pbc$status == 2), pbc$bili, exact = FALSE),
              stanford = one(st$time, st$status, st$age), gbsg = one(gbsg$rfstime, gbsg$status, gbsg$pgr, exact = FALSE)))
write(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null"), "survival_cutoff.json")
