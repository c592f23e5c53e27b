# Reference values of clearance, curve areas, Patlak lines and censored log-normals. Run: Rscript kinetics.R > kinetics.json
# Base R only (datasets, stats): nls for the exponentials, formulas written out for the areas, lm for Patlak,
# survival::survreg for the censored values.
suppressMessages({library(jsonlite); library(survival)})

expand <- function(fit, terms) {
  s <- coef(summary(fit)); v <- vcov(fit)
  list(coef = as.list(coef(fit)), se = as.list(s[, "Std. Error"]), rss = deviance(fit), df = df.residual(fit))
}
tight <- nls.control(tol = 1e-7, maxiter = 500, minFactor = 1e-12)

indo <- list()
for (subject in levels(Indometh$Subject)) {
  d <- as.data.frame(subset(Indometh, Subject == subject))
  two <- nls(conc ~ SSbiexp(time, A1, lrc1, A2, lrc2), data = d)
  start <- as.list(coef(two))
  two <- nls(conc ~ A1 * exp(-exp(lrc1) * time) + A2 * exp(-exp(lrc2) * time), data = d, start = start, control = tight)
  # Gauss-Newton of nls does not settle for one term; its amplitude is linear, so one dimension is searched
  one <- optimize(function(l) sum(qr.resid(qr(exp(-exp(l) * d$time)), d$conc)^2), c(-3, 3), tol = 1e-12)
  logs <- nls(log(conc) ~ log(exp(a1 - exp(lrc1) * time) + exp(a2 - exp(lrc2) * time)), data = d, control = tight,
              start = list(a1 = log(abs(start$A1)), lrc1 = start$lrc1, a2 = log(abs(start$A2)), lrc2 = start$lrc2))
  b <- coef(two); v <- vcov(two); k <- exp(b[c("lrc1", "lrc2")])
  auc <- b["A1"] / k[1] + b["A2"] / k[2]
  g <- c(1 / k[1], -b["A1"] / k[1], 1 / k[2], -b["A2"] / k[2])       # by A1, lrc1, A2, lrc2
  aic <- function(rss, p) { n <- nrow(d); K <- p + 1; n * log(rss / n) + 2 * K + 2 * K * (K + 1) / (n - K - 1) }
  indo[[subject]] <- list(
    time = d$time, conc = d$conc, two = expand(two), one = list(rss = one$objective, lrc = one$minimum), log = expand(logs),
    half_lives = as.numeric(log(2) / k), auc = unname(auc), auc_se = unname(sqrt(t(g) %*% v %*% g))[1],
    aicc_one = aic(one$objective, 2), aicc_two = aic(deviance(two), 4))
}
profiled <- nls(conc ~ A1 * exp(-exp(lrc1) * time) + A2 * exp(-exp(lrc2) * time),
                data = subset(as.data.frame(Indometh), Subject == 6),
                start = as.list(coef(nls(conc ~ SSbiexp(time, A1, lrc1, A2, lrc2), data = subset(as.data.frame(Indometh), Subject == 6)))),
                control = tight)
# limits of the profile without the spline of confint(): roots of the refitted sum of squares
limit <- function(which, side) {
  b <- coef(profiled); d <- subset(as.data.frame(Indometh), Subject == 6)
  allowed <- deviance(profiled) * (1 + qt(0.975, df.residual(profiled))^2 / df.residual(profiled))
  rss <- function(l) {
    other <- setdiff(c("lrc1", "lrc2"), which)
    f <- function(m) { k <- setNames(c(exp(l), exp(m)), c(which, other)); X <- exp(-outer(d$time, k)); sum(qr.resid(qr(X), d$conc)^2) }
    optimize(f, b[other] + c(-1, 1), tol = 1e-12)$objective
  }
  se <- coef(summary(profiled))[which, "Std. Error"]
  uniroot(function(l) rss(l) - allowed, sort(b[which] + side * se * c(0.5, 3)), tol = 1e-12, extendInt = "yes")$root
}
profile <- lapply(c(lrc1 = "lrc1", lrc2 = "lrc2"), function(w) c(limit(w, -1), limit(w, 1)))

# areas of Theoph: linear and linear-up/log-down, terminal slope by adjusted R2 over three or more points after the peak
area <- function(t, y, rule) {
  a <- 0
  for (i in seq_len(length(t) - 1)) {
    h <- t[i + 1] - t[i]
    a <- a + if (rule == "log" && y[i + 1] < y[i] && y[i + 1] > 0) h * (y[i] - y[i + 1]) / log(y[i] / y[i + 1]) else h * (y[i] + y[i + 1]) / 2
  }
  a
}
theo <- list()
for (subject in levels(Theoph$Subject)) {
  d <- as.data.frame(subset(Theoph, Subject == subject)); n <- nrow(d); peak <- which.max(d$conc)
  fits <- lapply(3:(n - peak), function(m) lm(log(conc) ~ Time, data = tail(d, m)))
  r2 <- sapply(fits, function(f) summary(f)$adj.r.squared)
  m <- max(which(r2 >= max(r2) - 1e-4)); k <- -unname(coef(fits[[m]])[2])
  last <- d$conc[n]
  theo[[subject]] <- list(time = d$Time, conc = d$conc, dose = d$Dose[1], points = m + 2, rate = k, r2 = r2[m],
    linear = area(d$Time, d$conc, "linear"), log = area(d$Time, d$conc, "log"),
    linear_inf = area(d$Time, d$conc, "linear") + last / k, log_inf = area(d$Time, d$conc, "log") + last / k)
}

# Patlak: a plasma curve and a tissue that takes up at 0.02 per hour with v_t 0.3, with fixed deviations
hours <- c(1, 4, 24, 48, 72, 96, 144)
plasma <- 10 * (0.4 * exp(-hours / 6) + 0.6 * exp(-hours / 80))
tissue <- c(3.5, 3.9, 6.1, 7.9, 9.6, 10.9, 12.3)
t0 <- c(0, hours); p0 <- c(exp(log(plasma[1]) + log(plasma[1] / plasma[2]) / 3), plasma)
cum <- sapply(2:8, function(i) area(t0[1:i], p0[1:i], "log"))
x <- cum / plasma; y <- tissue / plasma; late <- hours >= 24
un <- lm(y[late] ~ x[late]); we <- lm(y[late] ~ x[late], weights = plasma[late]^2)
line <- function(f) list(coef = unname(coef(f)), se = unname(coef(summary(f))[, 2]), ci = unname(as.matrix(confint(f))))
pat <- list(hours = hours, plasma = plasma, tissue = tissue, x = x, constant = line(un), weighted = line(we))

# left-censored log-normal: 3 of 14 below 0.5
conc <- c(0.5, 0.5, 0.5, 0.62, 0.7, 0.9, 1.1, 1.4, 1.5, 2.2, 2.9, 3.3, 5.8, 9.1); seen <- c(0, 0, 0, rep(1, 11))
cens <- survreg(Surv(conc, seen, type = "left") ~ 1, dist = "lognormal")
mu <- unname(coef(cens)); s <- cens$scale; V <- vcov(cens)
lm_ <- mu + s^2 / 2; g <- c(1, s^2)
patient <- c(1, 2, 3, 1, 1, 2, 2, 3, 4, 4, 5, 5, 6, 6)
censored <- list(value = conc, seen = seen, patient = patient, mu = mu, sigma = s, loglik = cens$loglik[1], se_mu = sqrt(V[1, 1]),
  se_log_sigma = sqrt(V[2, 2]), log_mean = lm_, se_log_mean = sqrt(drop(t(g) %*% V %*% g)))

cat(toJSON(list(made_with = list(R = R.version.string, survival = as.character(packageVersion("survival")),
  jsonlite = as.character(packageVersion("jsonlite"))), indometh = indo, profile_lrc_subject_6 = profile, theoph = theo, patlak = pat,
  censored = censored), auto_unbox = TRUE, digits = 14, pretty = FALSE), "\n")
