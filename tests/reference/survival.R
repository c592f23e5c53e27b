# Expected values for tests/kernels/test_survival.py, test_log_rank.py, test_partial_likelihood.py, test_concordance.py
# and tests/models/test_cox.py. Run in this directory: Rscript survival.R   (writes survival.json)
suppressMessages({library(jsonlite); library(survival)})
cat(R.version.string, "\n"); cat("survival", as.character(packageVersion("survival")), "\n")

# Freireich et al., Blood 1963;21:699-716: weeks of remission, 6-mercaptopurine against placebo
freireich <- data.frame(
  weeks = c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35,
            1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23),
  relapse = c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, rep(1, 21)), placebo = rep(0:1, each = 21))
lung <- survival::lung; lung$event <- as.integer(lung$status == 2)
lung2 <- na.omit(lung[, c("time", "event", "age", "sex", "ph.ecog", "wt.loss", "inst")])
ovarian <- survival::ovarian
heart <- survival::heart[1:172, ]  # start, stop, event, age, year, surgery, transplant
# a curve that runs along one half, and reaches 0
flat <- data.frame(t = c(1, 2, 3, 4, 5, 6), e = c(1, 1, 1, 1, 0, 1))
half <- data.frame(t = c(1, 2, 3, 4), e = c(1, 1, 0, 0))
zero <- data.frame(t = c(0, 0, 1, 2, 2, 5), e = c(1, 0, 1, 1, 1, 0))

km <- function(data, formula, type, conf = .95) {
  f <- survfit(formula, data, conf.type = type, conf.int = conf)
  q <- quantile(f, c(.25, .5, .75))
  list(time = f$time, at_risk = f$n.risk, events = f$n.event, censored = f$n.censor, survival = f$surv, log_se = f$std.err, low = f$lower, high = f$upper,
       quantile = as.vector(q$quantile), quantile_low = as.vector(q$lower), quantile_high = as.vector(q$upper))
}
types <- c("log-log", "log", "plain", "logit", "arcsin")
all_types <- function(data, formula) setNames(lapply(types, function(type) km(data, formula, type)), types)
at <- function(data, formula, times) {
  s <- summary(survfit(formula, data, conf.type = "log-log"), times = times)
  list(times = times, survival = s$surv, std_error = s$std.err, low = s$lower, high = s$upper, at_risk = s$n.risk)
}
diff <- function(formula, data) {
  d <- survdiff(formula, data); o <- as.matrix(d$obs); e <- as.matrix(d$exp)
  list(observed = rowSums(o), expected = rowSums(e), chisq = d$chisq, df = length(d$n) - 1, p = d$pvalue, var = d$var)
}
cox <- function(formula, data) {
  f <- coxph(formula, data, ties = "efron", x = TRUE, control = coxph.control(eps = 1e-13, iter.max = 100, toler.chol = 1e-15)); s <- summary(f)
  z <- cox.zph(f)$table
  test <- function(t) as.list(setNames(unname(t), c("statistic", "df", "p")))
  list(coefficients = unname(coef(f)), covariance = unname(vcov(f)), loglik = f$loglik, wald = test(s$waldtest), lr = test(s$logtest), score = test(s$sctest),
       wald_exact = f$wald.test, score_exact = f$score, concordance = unname(f$concordance["concordance"]), concordance_se = unname(f$concordance["std"]),
       pairs = unname(f$concordance[c("concordant", "discordant", "tied.x")]), zph = list(chisq = unname(z[, "chisq"]), df = unname(z[, "df"]), p = unname(z[, "p"])),
       n = f$n, n_events = f$nevent, low = unname(log(s$conf.int[, "lower .95"])), high = unname(log(s$conf.int[, "upper .95"])))
}

out <- list(
  made_with = list(R = R.version.string, survival = as.character(packageVersion("survival"))),
  freireich = list(data = freireich, call = "survfit(Surv(weeks, relapse) ~ 1), one arm at a time",
                   mercaptopurine = all_types(subset(freireich, placebo == 0), Surv(weeks, relapse) ~ 1),
                   placebo = all_types(subset(freireich, placebo == 1), Surv(weeks, relapse) ~ 1),
                   logrank = diff(Surv(weeks, relapse) ~ placebo, freireich), cox = cox(Surv(weeks, relapse) ~ placebo, freireich)),
  lung = list(data = as.list(lung2), call = "survfit(Surv(time, event) ~ 1), survdiff, coxph(ties = 'efron'), cox.zph",
              km = km(lung2, Surv(time, event) ~ 1, "log-log", .9),
              at = at(lung2, Surv(time, event) ~ 1, c(0, 5, 182.5, 365, 730, 1022)),
              logrank_sex = diff(Surv(time, event) ~ sex, lung2), logrank_ecog = diff(Surv(time, event) ~ ph.ecog, lung2),
              logrank_sex_by_ecog = diff(Surv(time, event) ~ sex + strata(ph.ecog), lung2),
              cox = cox(Surv(time, event) ~ age + sex + wt.loss, lung2), cox_factor = cox(Surv(time, event) ~ factor(pmin(ph.ecog, 2)) + age, lung2),
              cox_strata = cox(Surv(time, event) ~ age + wt.loss + strata(sex), lung2)),
  ovarian = list(data = ovarian, logrank = diff(Surv(futime, fustat) ~ rx, ovarian), cox = cox(Surv(futime, fustat) ~ age + rx, ovarian)),
  heart = list(data = heart[, c("start", "stop", "event", "age", "year")], call = "Surv(start, stop, event): left truncation",
               km = km(heart, Surv(start, stop, event) ~ 1, "log-log"), cox = cox(Surv(start, stop, event) ~ age + year, heart)),
  flat = list(data = flat, km = all_types(flat, Surv(t, e) ~ 1)), half = list(data = half, km = all_types(half, Surv(t, e) ~ 1)),
  zero = list(data = zero, km = all_types(zero, Surv(t, e) ~ 1))
)
write(toJSON(out, digits = NA, auto_unbox = TRUE, dataframe = "columns", na = "null"), "survival.json")
