# AUC(t), Brier scores and risks for tests of kernels/ipcw.py, time_dependent_roc.py and cox_risk.py.
# Run: Rscript time_dependent_roc.R > time_dependent_roc.json   (writes timed_*.csv beside it)
suppressMessages({library(survival); library(riskRegression); library(jsonlite)})
num <- function(x) unname(as.numeric(x))
study <- function(name, d, first, second, times) {
  d <- d[, c("time", "event", first, second)]; names(d)[3:4] <- c("first", "second")
  write.csv(d, sprintf("timed_%s.csv", name), row.names = FALSE)
  f1 <- coxph(Surv(time, event) ~ first, data = d, x = TRUE); f2 <- coxph(Surv(time, event) ~ second, data = d, x = TRUE)
  s <- suppressWarnings(Score(list(first = f1, second = f2), formula = Surv(time, event) ~ 1, data = d, times = times, metrics = c("auc", "brier"), cens.method = "ipcw", cens.model = "km", conf.int = TRUE, se.fit = TRUE))
  a <- as.data.frame(s$AUC$score); c <- as.data.frame(s$AUC$contrasts); b <- as.data.frame(s$Brier$score)
  pick <- function(x, model, col) num(x[x$model == model, col])
  risk <- sapply(times, function(t) 1 - num(summary(survfit(f1, newdata = d[1:5, ]), times = t, extend = TRUE)$surv))
  list(times = times, sign = c(sign(num(coef(f1))), sign(num(coef(f2)))),
    auc = list(first = pick(a, "first", "AUC"), second = pick(a, "second", "AUC")), auc_se = list(first = pick(a, "first", "se"), second = pick(a, "second", "se")),
    difference = num(c$delta.AUC), difference_se = num(c$se), brier = pick(b, "first", "Brier"), brier_se = pick(b, "first", "se"), brier_null = pick(b, "Null model", "Brier"),
    coefficient = num(coef(f1)), risk = risk)
}
p <- na.omit(pbc[, c("time", "status", "bili", "age")]); p$event <- as.integer(p$status == 2); p$logbili <- log(p$bili)
v <- veteran; v$event <- v$status
set.seed(3); u <- v; u$time <- round(u$time + runif(nrow(u), 0, 0.4), 6)  # the same without ties
g <- subset(rotterdam, year >= 1990)[1:300, ]; g$time <- round(g$dtime / 30.4375); g$time[g$time == 0] <- 1; g$event <- g$death
cat(toJSON(list(software = sprintf("%s, survival %s, riskRegression %s", R.version.string, packageVersion("survival"), packageVersion("riskRegression")),
  pbc = study("pbc", p, "logbili", "age", c(730, 1826, 3000)), veteran = study("veteran", v, "karno", "age", c(60, 120, 240)), untied = study("untied", u, "karno", "age", c(60, 120, 240)),
  rotterdam = study("rotterdam", g, "nodes", "age", c(24, 48, 72))), digits = 17, auto_unbox = TRUE))
