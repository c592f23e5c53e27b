# Expected values for tests/analyses/test_survival_curves.py and test_hazard_model.py, as a user would call R's survival.
# Data: the Veterans' Administration lung cancer trial (Kalbfleisch & Prentice 1980), survival::veteran.
# Run in this directory: Rscript survival_analyses.R   (writes survival_analyses.json)
suppressMessages({library(jsonlite); library(survival)})
cat(R.version.string, "\n"); cat("survival", as.character(packageVersion("survival")), "\n")

veteran <- survival::veteran
veteran$celltype <- as.character(veteran$celltype)
lung2 <- na.omit(survival::lung[, c("time", "status", "age", "sex", "ph.ecog", "wt.loss", "inst")])
curves <- function(data, formula, times, type = "log-log") {
  f <- survfit(formula, data, conf.type = type)
  m <- summary(f)$table; if (is.null(dim(m))) m <- t(m)
  s <- summary(f, times = times, extend = FALSE)
  list(n = unname(m[, "records"]), events = unname(m[, "events"]), median = unname(m[, "median"]),
       low = unname(m[, "0.95LCL"]), high = unname(m[, "0.95UCL"]),
       at = data.frame(group = if (is.null(s$strata)) "" else as.character(s$strata), time = s$time, survival = s$surv,
                       low = s$lower, high = s$upper, at_risk = s$n.risk))
}
test <- function(formula, data) { d <- survdiff(formula, data); list(chisq = d$chisq, df = length(d$n) - 1, p = d$pvalue) }
after <- subset(veteran, time >= 60); after$time <- after$time - 60
cox <- function(formula, data) {
  f <- coxph(formula, data, ties = "efron", x = TRUE, control = coxph.control(eps = 1e-13, iter.max = 100, toler.chol = 1e-15)); s <- summary(f)
  list(ratio = unname(s$conf.int[, "exp(coef)"]), low = unname(s$conf.int[, "lower .95"]), high = unname(s$conf.int[, "upper .95"]),
       z = unname(s$coefficients[, "z"]), p = unname(s$coefficients[, "Pr(>|z|)"]), names = rownames(s$coefficients),
       lr = unname(s$logtest), wald = f$wald.test, score = unname(s$sctest), zph = unname(cox.zph(f)$table[, "chisq"]), zph_p = unname(cox.zph(f)$table[, "p"]),
       zph_df = unname(cox.zph(f)$table[, "df"]), concordance = unname(f$concordance["concordance"]), concordance_se = unname(f$concordance["std"]))
}
veteran$karno_sd <- veteran$karno / sd(veteran$karno)
b <- coxph(Surv(time, status) ~ factor(celltype) + log2(age), veteran)
cell <- coef(b)[1:3]
out <- list(
  made_with = list(R = R.version.string, survival = as.character(packageVersion("survival"))),
  data = as.list(veteran[, c("trt", "celltype", "time", "status", "karno", "age", "prior")]),
  by_cell = curves(veteran, Surv(time, status) ~ celltype, c(60, 180, 365)),
  by_trt_log = curves(veteran, Surv(time, status) ~ trt, c(60, 180, 365), "log"),
  follow_up = curves(lung2, Surv(time, status == 1) ~ sex, 60),  # reverse Kaplan-Meier, data in survival.json
  log_rank = test(Surv(time, status) ~ celltype, veteran),
  log_rank_stratified = test(Surv(time, status) ~ trt + strata(celltype), veteran),
  log_rank_two_strata = test(Surv(time, status) ~ trt + strata(celltype, prior), veteran),
  landmark = c(curves(after, Surv(time, status) ~ trt, c(60, 180)), list(test = test(Surv(time, status) ~ trt, after),
               cox = cox(Surv(time, status) ~ karno, after))),
  cox = cox(Surv(time, status) ~ relevel(factor(celltype), "squamous") + log2(age) + I(karno / 10), veteran),
  cox_term_wald = list(statistic = as.numeric(cell %*% solve(vcov(b)[1:3, 1:3]) %*% cell), df = 3),
  cox_sd = cox(Surv(time, status) ~ karno_sd + strata(celltype), veteran)
)
write(toJSON(out, digits = NA, auto_unbox = TRUE, dataframe = "columns", na = "null"), "survival_analyses.json")
