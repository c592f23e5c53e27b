# Competing risks for tests of kernels/cumulative_incidence.py, gray_test.py and fine_gray.py.
# Run: Rscript cumulative_incidence.R > cumulative_incidence.json   (writes competing_*.csv beside it)
suppressMessages({library(survival); library(cmprsk); library(KMsurv); library(etm); library(jsonlite)})
num <- function(x) unname(as.numeric(x))

study <- function(name, t, cause, group, x, times, strata) {
  write.csv(data.frame(duration = t, cause = cause, group = group, strata = strata, x), sprintf("competing_%s.csv", name), row.names = FALSE)
  fit <- survfit(Surv(t, factor(cause, 0:2)) ~ 1)
  s <- summary(fit, times = times)
  fg <- lapply(1:2, function(k) { f <- crr(t, cause, as.matrix(x), failcode = k, gtol = 1e-12, maxiter = 50)
    list(coef = num(f$coef), covariance = matrix(num(f$var), ncol(x)), null = f$loglik.null, loglik = f$loglik) })
  gray <- function(...) { test <- cuminc(t, cause, group, ...)$Tests; list(statistic = num(test[, "stat"]), p = num(test[, "pv"]), df = num(test[, "df"])) }
  cs <- lapply(1:2, function(k) num(coef(coxph(Surv(t, cause == k) ~ as.matrix(x)))))
  list(times = times, incidence = matrix(num(s$pstate[, 2:3]), length(times)), std_error = matrix(num(s$std.err[, 2:3]), length(times)),
       cuminc_variance = matrix(num(t(timepoints(cuminc(t, cause), times)$var)), length(times)),
       gray = gray(), gray_rho = gray(rho = 1), gray_strata = gray(strata = strata), fine_gray = fg, cause_specific = cs)
}

m <- subset(mgus2, !is.na(mspike))
t <- with(m, ifelse(pstat == 0, futime, ptime)); cause <- with(m, ifelse(pstat == 0, 2 * death, 1))
one <- study("mgus2", t, cause, as.integer(m$sex) - 1, data.frame(male = as.integer(m$sex) - 1, age = m$age, mspike = m$mspike), c(60, 120, 240), as.integer(m$dxyr > 1980))

# bone marrow transplants of Klein and Moeschberger: relapse 1, death in remission 2; three groups
data(bmt); cause <- with(bmt, ifelse(d2 == 1, 1, ifelse(d1 == 1, 2, 0)))
two <- study("bmt", bmt$t2, cause, bmt$group - 1, data.frame(low = as.integer(bmt$group == 2), high = as.integer(bmt$group == 3), age = bmt$z1), c(100, 365, 730), bmt$z10)

# many ties: months rounded up of a small made-up set
set.seed(4); n <- 60; g <- rep(0:1, each = n / 2); t <- ceiling(rexp(n, 0.15 * (1 + g))); cause <- sample(0:2, n, TRUE, c(.3, .4, .3))
three <- study("tied", t, cause, g, data.frame(group = g, z = round(rnorm(n), 2)), c(2, 5, 9), rep(0:1, n / 2))

# late entry: survfit with start-stop times
late <- subset(mgus2, !is.na(mspike))[1:400, ]
t <- with(late, ifelse(pstat == 0, futime, ptime)); cause <- with(late, ifelse(pstat == 0, 2 * death, 1)); entry <- (late$age %% 7)
keep <- t > entry
fit <- summary(survfit(Surv(entry, t, factor(cause, 0:2)) ~ 1, data = data.frame(entry, t, cause)[keep, ], id = seq_len(sum(keep))), times = c(24, 60, 120))
write.csv(data.frame(duration = t, entry = entry, cause = cause)[keep, ], "competing_late.csv", row.names = FALSE)
d <- data.frame(entry, t, cause)[keep, ]
cif <- etmCIF(Surv(entry, t, cause != 0) ~ 1, data = d, etype = cause)
aj <- summary(cif)[[1]]
greenwood <- sapply(1:2, function(k) sapply(c(24, 60, 120), function(at) sqrt(aj[[k]]$var[max(which(aj[[k]]$time <= at))])))
late_entry <- list(etm_std_error = greenwood, times = c(24, 60, 120), incidence = matrix(num(fit$pstate[, 2:3]), 3), std_error = matrix(num(fit$std.err[, 2:3]), 3))

cat(toJSON(list(software = sprintf("%s, survival %s, cmprsk %s, KMsurv %s, etm %s", R.version.string, packageVersion("survival"), packageVersion("cmprsk"), packageVersion("KMsurv"), packageVersion("etm")),
  mgus2 = one, bmt = two, tied = three, late = late_entry), digits = 17, auto_unbox = TRUE, pretty = FALSE))
