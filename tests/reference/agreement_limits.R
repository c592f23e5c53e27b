# Expected values for tests/kernels/test_limits_nested.py, test_limits_trend.py, test_limits_with_mean.py and
# test_limits_of_agreement.py. Run in this directory: Rscript agreement_limits.R   (writes agreement_limits.json)
suppressMessages({library(jsonlite); library(lme4); library(lmtest); library(sandwich)})
versions <- sapply(c("lme4", "sandwich"), function(p) as.character(packageVersion(p)))
old <- fromJSON("reliability.json")
rv <- old$cardiac_output$rv; ic <- old$cardiac_output$ic; s <- old$cardiac_output$subject
wright <- old$peak_flow$wright; mini <- old$peak_flow$mini

# --- tolerance factors (Odeh & Owen): adaptive quadrature over the mean, chi-square given it ----------------------------
k2 <- function(n, p, g) {
  half <- function(m) sapply(m, function(v) uniroot(function(r) pnorm(v + r) - pnorm(v - r) - p, c(0, v + 10), tol = 1e-13)$root)
  held <- function(k) 2 * integrate(function(m) sqrt(n) * dnorm(m * sqrt(n)) * pchisq((n - 1) * half(m)^2 / k^2, n - 1, lower.tail = FALSE), 0, 9 / sqrt(n), rel.tol = 1e-10)$value
  exp(uniroot(function(l) held(exp(l)) - g, c(-2, 5), tol = 1e-12)$root)
}
tolerance <- expand.grid(n = c(5, 10, 30, 100), p = c(.9, .95), g = c(.025, .95, .975))
tolerance$k <- mapply(k2, tolerance$n, tolerance$p, tolerance$g)

# --- replicates with a true value that does not change (Bland & Altman 1999, section 5.2; Zou 2013) ----------------------
mover <- function(bias, vb, dfb, parts, conf = .95, cover = .95) {  # parts: rows of value, df, weight
  a <- (1 - conf) / 2; z <- qnorm((1 + cover) / 2); v <- sum(parts[, 1] * parts[, 3])
  t <- parts[, 1] * parts[, 3]; df <- parts[, 2]
  l <- v - sqrt(sum((t * (1 - df / qchisq(1 - a, df)))^2)); u <- v + sqrt(sum((t * (df / qchisq(a, df) - 1))^2))
  h <- qt(1 - a, dfb) * sqrt(vb); o <- sqrt(h^2 + z^2 * (sqrt(u) - sqrt(v))^2); i <- sqrt(h^2 + z^2 * (sqrt(v) - sqrt(l))^2)
  list(bias = bias, bias_low = bias - h, bias_high = bias + h, sd = sqrt(v), sd_low = sqrt(l), sd_high = sqrt(u), lower = bias - z * sqrt(v),
       lower_low = bias - z * sqrt(v) - o, lower_high = bias - z * sqrt(v) + i, upper = bias + z * sqrt(v), upper_low = bias + z * sqrt(v) - i, upper_high = bias + z * sqrt(v) + o)
}
within <- function(x, g) summary(lm(x ~ factor(g)))$sigma^2
unpaired <- local({
  d <- tapply(rv, s, mean) - tapply(ic, s, mean); m <- as.vector(table(s)); w <- 1 - mean(1 / m); k <- length(d)
  mover(mean(d), var(d) / k, k - 1, rbind(c(var(d), k - 1, 1), c(within(rv, s), 60 - k, w), c(within(ic, s), 60 - k, w)))
})
# --- three levels: patients, lesions, paired replicates; balanced, so that REML (lme4) is the analysis of variance -------
set.seed(11)
three <- expand.grid(rep = 1:2, lesion = 1:3, patient = 1:15)
three$d <- round(rnorm(15, sd = .8)[three$patient] + rnorm(45, sd = .6)[(three$patient - 1) * 3 + three$lesion] + rnorm(90, sd = .5) + .2, 3)
fit <- lmer(d ~ 1 + (1 | patient / lesion), three, control = lmerControl(optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14)))
vc <- setNames(as.data.frame(VarCorr(fit))$vcov, as.data.frame(VarCorr(fit))$grp)
nested <- list(d = three$d, patient = three$patient, lesion = three$lesion, call = "lme4::lmer(d ~ 1 + (1 | patient / lesion)), REML",
               mean_squares = anova(lm(d ~ factor(patient) / factor(lesion), three))[["Mean Sq"]],
               patient_var = vc[["patient"]], lesion_var = vc[["lesion:patient"]], residual_var = vc[["Residual"]], mean = fixef(fit)[[1]])
# --- regression limits and changing spread -------------------------------------------------------------------------------
trend <- local({
  d <- wright - mini; m <- (wright + mini) / 2; f <- lm(d ~ m); r <- abs(resid(f)); g <- lm(r ~ m); at <- c(250, 450, 600)
  b <- predict(f, data.frame(m = at)); w <- qnorm(.975) * sqrt(pi / 2) * predict(g, data.frame(m = at)); c2 <- summary(g)$coefficients
  list(at = at, bias = unname(b), lower = unname(b - w), upper = unname(b + w), slope = c2[2, 1], t = c2[2, 3], p = c2[2, 4])
})
clustered <- local({
  d <- rv - ic; m <- (rv + ic) / 2; r <- abs(resid(lm(d ~ m))); g <- lm(r ~ m)
  se <- sqrt(clubSandwich::vcovCR(g, cluster = s, type = "CR3")[2, 2] * (length(unique(s)) - 1) / length(unique(s))); list(slope = coef(g)[[2]], t = coef(g)[[2]] / se)
})
# --- limits of agreement with the mean (Christensen et al. 2020: sums of squares of a two-way analysis of variance) -----
loam <- function(x, cover = .95, conf = .95) {
  a <- nrow(x); b <- ncol(x); long <- data.frame(y = as.vector(x), item = factor(row(x)), reader = factor(col(x)))
  t <- anova(lm(y ~ item + reader, long)); ss <- t[["Sum Sq"]]; N <- a * b; z <- qnorm((1 + cover) / 2); ve <- (a - 1) * (b - 1); q <- (1 - conf) / 2
  lb <- 1 - 1 / qf(1 - q, b - 1, Inf); hb <- 1 / qf(q, b - 1, Inf) - 1; le <- 1 - 1 / qf(1 - q, ve, Inf); he <- 1 / qf(q, ve, Inf) - 1
  list(limit = z * sqrt((ss[2] + ss[3]) / N), low = z * sqrt((ss[2] + ss[3] - sqrt((lb * ss[2])^2 + (le * ss[3])^2)) / N),
       high = z * sqrt((ss[2] + ss[3] + sqrt((hb * ss[2])^2 + (he * ss[3])^2)) / N), f = t[["F value"]][2], p = t[["Pr(>F)"]][2],
       sd_reader = sqrt(max((t[["Mean Sq"]][2] - t[["Mean Sq"]][3]) / a, 0)), sd_residual = sqrt(t[["Mean Sq"]][3]))
}
lesions <- old$icc$lesions$values; judges <- old$icc$judges$values
# nested and replicated readings of 4 readers, balanced: components by lme4 with a reader-by-patient part, REML
set.seed(12)
r4 <- expand.grid(rep = 1:2, reader = 1:4, lesion = 1:3, patient = 1:12)
li <- (r4$patient - 1) * 3 + r4$lesion
r4$y <- round(5 + rnorm(36, sd = 2)[li] + rnorm(4, sd = .5)[r4$reader] + rnorm(48, sd = .4)[(r4$patient - 1) * 4 + r4$reader] + rnorm(144, sd = .4)[(li - 1) * 4 + r4$reader] + rnorm(nrow(r4), sd = .3), 3)
f4 <- lmer(y ~ factor(li) + (1 | reader) + (1 | patient:reader) + (1 | li:reader), r4, control = lmerControl(optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14)))
v4 <- setNames(as.data.frame(VarCorr(f4))$vcov, as.data.frame(VarCorr(f4))$grp)
nested_readers <- list(y = r4$y, reader = r4$reader - 1, lesion = li - 1, patient = r4$patient - 1, call = "lme4::lmer(y ~ factor(lesion) + (1 | reader) + (1 | patient:reader) + (1 | lesion:reader)), REML",
                       total = sum(v4), reader_var = v4[["reader"]])
out <- list(made_with = c(list(R = R.version.string), as.list(versions)), tolerance = tolerance, unpaired = unpaired, within_rv = within(rv, s), within_ic = within(ic, s), nested = nested, trend = trend,
            clustered_trend = clustered, loam = list(lesions = loam(lesions), judges = loam(judges), lesions_90 = loam(lesions, .9, .9)), nested_readers = nested_readers)
write(toJSON(out, digits = NA, auto_unbox = TRUE), "agreement_limits.json")
