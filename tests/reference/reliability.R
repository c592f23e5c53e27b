# Expected values for tests/kernels/test_icc.py and test_limits_of_agreement.py.
# Run in this directory: Rscript reliability.R   (writes reliability.json)
suppressMessages({library(jsonlite); library(psych); library(lme4); library(sandwich)})
for (p in c("psych", "lme4", "sandwich")) cat(p, as.character(packageVersion(p)), "\n")
cat(R.version.string, "\n")

# --- data -----------------------------------------------------------------------------------------------------------
# Shrout & Fleiss 1979, table 2: 6 targets, 4 judges
judges <- matrix(c(9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7), 6, byrow = TRUE)
# two readers, 2 items only
two_by_two <- matrix(c(1, 2, 5, 4.5), 2, byrow = TRUE)
# readings of 12 lesions by 3 readers, made up; the third reads high; negative ICC in `noise`
lesions <- matrix(c(5.1, 5.4, 6.0, 2.2, 2.0, 2.9, 9.6, 9.9, 10.8, 1.4, 1.9, 1.7, 3.3, 3.1, 4.2, 7.4, 7.0, 8.8, 12.1, 12.9, 12.6,
                    4.8, 4.4, 5.9, 6.3, 6.9, 7.2, 2.9, 2.4, 3.3, 15.2, 14.1, 16.9, 0.9, 1.2, 1.1), 12, byrow = TRUE)
noise <- matrix(c(1, 9, 5, 8, 2, 6, 3, 7, 4, 9, 1, 5), 4, byrow = TRUE)
# Bland & Altman 1986: peak expiratory flow (L/min), first reading by each meter
wright <- c(494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427)
mini <- c(512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451)
# Bland & Altman 1999, table 4: cardiac output by radionuclide ventriculography and impedance cardiography, 60 pairs in 12 subjects
sizes <- c(5, 4, 6, 5, 6, 4, 4, 6, 3, 5, 6, 6)
rv <- c(7.83, 7.42, 7.89, 7.12, 7.88, 6.16, 7.26, 6.71, 6.54, 4.75, 5.24, 4.86, 4.78, 6.05, 5.42, 4.21, 3.61, 3.72, 3.87, 3.92,
        3.13, 2.98, 2.85, 3.17, 3.09, 3.12, 5.92, 6.42, 5.92, 6.27, 7.13, 6.62, 6.58, 6.93, 4.54, 4.81, 5.11, 5.29, 5.39, 5.57,
        4.48, 4.92, 3.97, 4.22, 4.65, 4.74, 4.44, 4.5, 6.78, 6.07, 6.52, 6.42, 6.41, 5.76, 5.06, 4.72, 4.9, 4.8, 4.9, 5.1)
ic <- c(6.57, 5.62, 6.9, 6.57, 6.35, 4.06, 4.29, 4.26, 4.09, 4.71, 5.5, 5.08, 5.02, 6.01, 5.67, 4.14, 4.2, 4.61, 4.68, 5.04,
        3.03, 2.86, 2.77, 2.46, 2.32, 2.43, 5.9, 5.81, 5.7, 5.76, 5.09, 4.63, 4.61, 5.09, 4.72, 4.61, 4.36, 4.2, 4.36, 4.2,
        3.17, 3.12, 2.96, 4.35, 4.62, 3.16, 3.53, 3.53, 7.2, 6.09, 7, 7.1, 7.4, 6.8, 4.5, 4.2, 3.8, 3.8, 4.2, 4.5)
subject <- rep(seq_along(sizes), sizes)

# --- intraclass correlation: psych::ICC(lmer = FALSE), that is by mean squares -----------------------------------------
icc <- function(x, alpha) {
  r <- ICC(x, lmer = FALSE, alpha = alpha)$results
  list(icc = r$ICC, f = r$F, df1 = r$df1, df2 = r$df2, p = r$p, low = r[["lower bound"]], high = r[["upper bound"]])
}
both <- function(x) list(values = x, at_95 = icc(x, .05), at_90 = icc(x, .10))
lmer_components <- function(x) {
  long <- data.frame(y = as.vector(x), item = factor(row(x)), reader = factor(col(x)))
  v <- as.data.frame(VarCorr(lmer(y ~ 1 + (1 | item) + (1 | reader), long, control = lmerControl(optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14)))))
  setNames(as.list(v$vcov), v$grp)
}

# --- limits of agreement -----------------------------------------------------------------------------------------------
exact_limits <- function(d, conf = .95, cover = .95) {  # Carkeet 2015: stats::qt with ncp
  n <- length(d); s <- sd(d); m <- mean(d); z <- qnorm((1 + cover) / 2)
  k <- qt(c((1 - conf) / 2, (1 + conf) / 2), n - 1, ncp = z * sqrt(n)) / sqrt(n)
  b <- t.test(d, conf.level = conf)$conf.int
  list(bias = m, bias_low = b[1], bias_high = b[2], sd = s, lower = m - z * s, lower_low = m - k[2] * s, lower_high = m - k[1] * s,
       upper = m + z * s, upper_low = m + k[1] * s, upper_high = m + k[2] * s)
}
zou <- function(d, g, conf = .95, cover = .95, bias_quantile) {  # Zou 2013, true value varies; variances from lm and tapply
  a <- (1 - conf) / 2; z <- qnorm((1 + cover) / 2)
  means <- tapply(d, g, mean); m <- table(g); k <- length(means); n <- length(d)
  s2b <- var(as.vector(means)); s2w <- summary(lm(d ~ factor(g)))$sigma^2
  w <- 1 - 1 / (k / sum(1 / m)); v <- s2b + w * s2w
  l <- v - sqrt((s2b * (1 - (k - 1) / qchisq(1 - a, k - 1)))^2 + (w * s2w * (1 - (n - k) / qchisq(1 - a, n - k)))^2)
  u <- v + sqrt((s2b * ((k - 1) / qchisq(a, k - 1) - 1))^2 + (w * s2w * ((n - k) / qchisq(a, n - k) - 1))^2)
  h <- bias_quantile * sqrt(s2b / k); b <- mean(means)
  out <- sqrt(h^2 + z^2 * (sqrt(u) - sqrt(v))^2); inn <- sqrt(h^2 + z^2 * (sqrt(v) - sqrt(l))^2)
  list(bias = b, bias_low = b - h, bias_high = b + h, sd = sqrt(v), within = sqrt(s2w), lower = b - z * sqrt(v), lower_low = b - z * sqrt(v) - out,
       lower_high = b - z * sqrt(v) + inn, upper = b + z * sqrt(v), upper_low = b + z * sqrt(v) - inn, upper_high = b + z * sqrt(v) + out)
}
slope <- function(d, m, g = NULL, conf = .95) {
  fit <- lm(d ~ m)
  if (is.null(g)) { se <- sqrt(vcov(fit)[2, 2]); df <- fit$df.residual }
  else { df <- length(unique(g)) - 1; se <- sqrt(clubSandwich::vcovCR(fit, cluster = g, type = "CR3")[2, 2] * df / (df + 1)) }
  b <- coef(fit)[[2]]; t <- b / se
  list(slope = b, intercept = coef(fit)[[1]], t = t, df = df, p = 2 * pt(-abs(t), df), low = b - qt((1 + conf) / 2, df) * se, high = b + qt((1 + conf) / 2, df) * se)
}
balanced <- data.frame(d = (rv - ic)[unlist(lapply(1:12, function(i) which(subject == i)[1:3]))], g = rep(1:12, each = 3))
anova_ms <- anova(lm(d ~ factor(g), balanced))[["Mean Sq"]]

# --- null values other than 0: McGraw & Wong 1996, tables 7 and 8 (the formulas of irr::icc), from the mean squares of aov --------
against <- function(x, r0) {
  n <- nrow(x); k <- ncol(x); long <- data.frame(y = as.vector(x), item = factor(row(x)), reader = factor(col(x)))
  m <- summary(aov(y ~ item + reader, long))[[1]][["Mean Sq"]]; msr <- m[1]; msc <- m[2]; mse <- m[3]; msw <- (msc * (k - 1) + mse * (n - 1) * (k - 1)) / (n * (k - 1))
  one <- function(f, df2) list(f = f, df2 = df2, p = pf(f, n - 1, df2, lower.tail = FALSE))
  single <- (1 - r0) / (1 + (k - 1) * r0)
  a <- k * r0 / (n * (1 - r0)); b <- 1 + k * r0 * (n - 1) / (n * (1 - r0)); cc <- r0 / (n * (1 - r0)); d <- 1 + r0 * (n - 1) / (n * (1 - r0))
  satt <- function(u, v) (u * msc + v * mse)^2 / ((u * msc)^2 / (k - 1) + (v * mse)^2 / ((n - 1) * (k - 1)))
  list("ICC(1,1)" = one(msr / msw * single, n * (k - 1)), "ICC(2,1)" = one(msr / (a * msc + b * mse), satt(a, b)), "ICC(3,1)" = one(msr / mse * single, (n - 1) * (k - 1)),
       "ICC(1,k)" = one(msr / msw * (1 - r0), n * (k - 1)), "ICC(2,k)" = one(msr / (cc * msc + d * mse), satt(cc, d)), "ICC(3,k)" = one(msr / mse * (1 - r0), (n - 1) * (k - 1)))
}
# --- readings missing: REML of lme4, and of nlme as a second look --------------------------------------------------------------
suppressMessages(library(nlme))
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10))
holes <- function(x, cells) { x[cells] <- NA; x }
reml <- function(x) {
  long <- na.omit(data.frame(y = as.vector(x), item = factor(row(x)), reader = factor(col(x))))
  parts <- function(f) { v <- as.data.frame(VarCorr(f)); setNames(as.list(v$vcov), v$grp) }
  second <- as.numeric(VarCorr(lme(y ~ 1, random = ~ 1 | item, data = long, control = lmeControl(msTol = 1e-12, tolerance = 1e-12)))[, "Variance"])
  list(values = x, one_way = parts(lmer(y ~ 1 + (1 | item), long, control = tight)), random = parts(lmer(y ~ 1 + (1 | item) + (1 | reader), long, control = tight)),
       fixed = parts(lmer(y ~ reader + (1 | item), long, control = tight)), one_way_nlme = second)
}
d <- rv - ic
out <- list(
  made_with = list(R = R.version.string, psych = as.character(packageVersion("psych")), lme4 = as.character(packageVersion("lme4")),
                   sandwich = as.character(packageVersion("sandwich"))),
  icc = list(call = "psych::ICC(x, lmer = FALSE, alpha)", order = "ICC1 ICC2 ICC3 ICC1k ICC2k ICC3k", judges = both(judges), lesions = both(lesions),
             noise = both(noise), two_by_two = both(two_by_two)),
  null_values = list(call = "stats::aov, pf; McGraw & Wong 1996 tables 7 and 8", judges_0.2 = against(judges, .2), lesions_0.75 = against(lesions, .75)),
  incomplete = list(call = "lme4::lmer(REML, bobyqa); nlme::lme", judges = reml(holes(judges, cbind(c(1, 4), c(2, 3)))), lesions = reml(holes(lesions, cbind(c(1, 2, 5, 8, 9, 12), c(1, 3, 2, 2, 1, 3))))),
  components = list(call = "lme4::lmer(y ~ 1 + (1 | item) + (1 | reader))", lesions = lmer_components(lesions)),
  peak_flow = list(wright = wright, mini = mini, call = "stats::t.test, stats::qt(ncp)", exact_95 = exact_limits(wright - mini), exact_90_cover_80 = exact_limits(wright - mini, .9, .8),
                   call_slope = "stats::lm(difference ~ mean)", slope = slope(wright - mini, (wright + mini) / 2)),
  cardiac_output = list(rv = rv, ic = ic, subject = subject, call = "Zou 2013 from stats::lm, tapply, qchisq; t for the bias", nested = zou(d, subject, bias_quantile = qt(.975, 11)),
                        nested_90 = zou(d, subject, conf = .9, cover = .9, bias_quantile = qt(.95, 11)),
                        call_slope = "stats::lm, clubSandwich::vcovCR(type = 'CR3') * (K - 1) / K", slope = slope(d, (rv + ic) / 2, subject),
                        balanced = list(d = balanced$d, g = balanced$g, call = "stats::anova(lm(d ~ g)): mean squares", mean_squares = anova_ms))
)
write(toJSON(out, digits = NA, auto_unbox = TRUE), "reliability.json")
