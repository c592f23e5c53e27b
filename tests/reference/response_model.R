# Logistic, ordinal, Firth, GEE and mixed models of published data sets.
# Rscript tests/reference/response_model.R > tests/reference/response_model.json
suppressMessages({library(MASS); library(geepack); library(lme4); library(brglm2); library(car); library(rms)
  library(jsonlite)})
coefs <- function(m) unname(coef(m))

# --- birth weight (Hosmer & Lemeshow 1989; MASS::birthwt) --------------------------------------------------------
bw <- birthwt[, c("low", "age", "lwt", "race", "smoke", "ht")]
bw$race <- factor(bw$race)
m <- glm(low ~ age + lwt + race + smoke + ht, binomial, bw, control = glm.control(epsilon = 1e-14))
null <- glm(low ~ 1, binomial, bw)
# confint() interpolates the profile by a spline, good to three digits; this solves for its limits
xb <- model.matrix(m)
edge <- function(j, side) {
  fall <- function(v) glm.fit(xb[, -j], bw$low, offset = xb[, j] * v, family = binomial(),
    control = glm.control(epsilon = 1e-14))$deviance - deviance(m) - qchisq(0.95, 1)
  se <- sqrt(vcov(m)[j, j]); uniroot(fall, sort(coef(m)[j] + side * se * c(0.5, 5)), tol = 1e-12)$root
}
logistic <- list(
  profile_exact = t(sapply(2:7, function(j) c(edge(j, -1), edge(j, 1)))),
  coefficients = coefs(m), vcov = unname(vcov(m)), profile = unname(confint(m, trace = FALSE)),
  log_likelihood = as.numeric(logLik(m)),
  lr = anova(null, m, test = "LRT")$Deviance[2], score = anova(null, m, test = "Rao")$Rao[2],
  wald = drop(coef(m)[-1] %*% solve(vcov(m)[-1, -1], coef(m)[-1])),
  drop1 = drop1(m, test = "LRT")$LRT[-1])
lr <- lrm(low ~ age + lwt + race + smoke + ht, bw, eps = 1e-12)
logistic$lrm <- as.list(lr$stats[c("R2", "Brier")])
logistic$lrm$C <- unname(somers2(predict(m), bw$low)["C"])  # lrm's own C bins risks
set.seed(1)
logistic$validate <- as.list(rms::validate(lrm(low ~ age + lwt + race + smoke + ht, bw, x = TRUE, y = TRUE), B = 2000)[
  c("Dxy", "R2", "B", "Slope"), "index.corrected"])
# calibration of half-sized log odds, as rms computes it: refitted slope, and the intercept with the slope at 1
half <- predict(m) / 2 + 0.3
logistic$half <- list(
  slope = unname(coef(glm(low ~ half, binomial, bw, control = glm.control(epsilon = 1e-14)))[2]),
  intercept = unname(coef(glm(low ~ offset(half), binomial, bw, control = glm.control(epsilon = 1e-14)))),
  brier = mean((bw$low - plogis(half))^2), auc = unname(somers2(half, bw$low)["C"]))
sp <- glm(low ~ rcs(lwt, c(95, 110, 125, 170)) + smoke, binomial, bw, control = glm.control(epsilon = 1e-14))
li <- glm(low ~ lwt + smoke, binomial, bw, control = glm.control(epsilon = 1e-14))
spline <- list(lr_nonlinear = anova(li, sp, test = "LRT")$Deviance[2],
  lr_term = anova(glm(low ~ smoke, binomial, bw), sp, test = "LRT")$Deviance[2],
  logit = unname(predict(sp, data.frame(lwt = c(100, 150, 200), smoke = 0))))

# --- endometrial cancer (Heinze & Schemper 2002; brglm2::endometrial) --------------------------------------------
data(endometrial)
f <- glm(HG ~ NV + PI + EH, binomial, endometrial, method = "brglmFit", type = "AS_mean", epsilon = 1e-12, maxit = 1000)
penalised <- function(b, x, y) {  # Jeffreys' penalty, as logistf has it
  e <- drop(x %*% b)
  v <- sum(plogis(ifelse(y == 1, e, -e), log.p = TRUE)) + 0.5 * determinant(crossprod(x * sqrt(plogis(e) * plogis(-e))))$modulus[1]
  if (is.finite(v)) v else -1e6
}
xe <- cbind(1, scale(as.matrix(endometrial[, c("NV", "PI", "EH")])))
scales <- apply(endometrial[, c("NV", "PI", "EH")], 2, sd)
top <- function(fixed = NULL, at = 0) {
  free <- setdiff(1:4, fixed)
  g <- function(v) { b <- numeric(4); b[free] <- v; if (!is.null(fixed)) b[fixed] <- at; -penalised(b, xe, endometrial$HG) }
  o <- list(par = rep(0, length(free)))
  for (i in 1:4) o <- optim(o$par, g, method = "BFGS", control = list(reltol = 1e-15, maxit = 2000))
  -o$value
}
best <- top()
start <- coef(f)[-1] * scales
limit <- function(j, side) {
  h <- function(v) 2 * (best - top(j + 1, v)) - qchisq(0.95, 1)
  uniroot(h, sort(start[j] + side * c(0, 8)), tol = 1e-9)$root / scales[j]
}
firth <- list(coefficients = coefs(f),
  low = sapply(1:3, limit, side = -1), high = sapply(1:3, limit, side = 1),
  chi = sapply(1:3, function(j) 2 * (best - top(j + 1, 0))))

# --- housing satisfaction (MASS; Cox & Snell 1984) ---------------------------------------------------------------
p <- polr(Sat ~ Infl + Type + Cont, weights = Freq, data = housing, Hess = TRUE, control = list(reltol = 1e-16, maxit = 1000))
p0 <- polr(Sat ~ 1, weights = Freq, data = housing)
long <- housing[rep(seq_len(nrow(housing)), housing$Freq), c("Sat", "Infl", "Type", "Cont")]
pl <- polr(Sat ~ Infl + Type + Cont, data = long, Hess = TRUE, control = list(reltol = 1e-16, maxit = 1000))
brant <- poTest(pl)
# car 3.1.1 fills the covariance of the two fits' slopes with the same block twice, not with the block and its transpose,
# so that its covariance is not symmetric. This is its code with the transpose.
lines <- deparse(body(car:::poTest.polr))
fixed <- gsub("vcov[subs.el, subs.j] <- V[-1, ", "V[-1, -1]; vcov[subs.el, subs.j] <- t(V)[-1, ", lines, fixed = TRUE)
stopifnot(sum(fixed != lines) == 1)
brant_fixed <- car:::poTest.polr
body(brant_fixed) <- parse(text = fixed)[[1]]
environment(brant_fixed) <- asNamespace("car")
brant_fixed <- brant_fixed(pl)
ordinal <- list(coefficients = coefs(p), cuts = unname(p$zeta), vcov = unname(vcov(p)), log_likelihood = as.numeric(logLik(p)),
  log_likelihood_null = as.numeric(logLik(p0)), brant_chi = brant$chisq, brant_df = brant$df,
  brant_terms = brant$chisq.p, brant_terms_df = brant$df.p,
  brant_fixed = brant_fixed$chisq, brant_fixed_terms = brant_fixed$chisq.p,
  drop_type = deviance(update(p, . ~ . - Type)) - deviance(p),
  lrm = as.list(lrm(Sat ~ Infl + Type + Cont, long)$stats[c("C", "R2")]))

# --- wheeze of children (geepack::ohio) and respiratory illness (geepack::respiratory) ---------------------------
data(ohio); data(respiratory)
o_x <- geeglm(resp ~ age * smoke, binomial, ohio, id = id, corstr = "exchangeable", control = geese.control(epsilon = 1e-12, maxit = 200))
respiratory$patient <- interaction(respiratory$center, respiratory$id, drop = TRUE)
respiratory <- respiratory[order(respiratory$patient), ]
respiratory$treat <- factor(respiratory$treat, c("P", "A"))
r_fit <- function(corstr) { r <- respiratory; r$k <- as.integer(r$patient)
  g <- geeglm(outcome ~ treat + age + baseline, binomial, r, id = k, corstr = corstr, control = geese.control(epsilon = 1e-12, maxit = 200))
  list(coefficients = coefs(g), vcov = unname(g$geese$vbeta), correlation = unname(g$geese$alpha)) }
# Mancl and DeRouen by the n x n matrices of their paper
md <- function(corstr) {
  r <- respiratory; r$k <- as.integer(r$patient)
  g <- geeglm(outcome ~ treat + age + baseline, binomial, r, id = k, corstr = corstr, control = geese.control(epsilon = 1e-12, maxit = 200))
  x <- model.matrix(g); mu <- fitted(g); rho <- if (corstr == "exchangeable") g$geese$alpha else 0
  parts <- split(seq_len(nrow(r)), r$k)
  vi <- function(i) { a <- sqrt(mu[i] * (1 - mu[i])); m <- length(i); solve(a * t(a * (matrix(rho, m, m) + diag(1 - rho, m)))) }
  d <- function(i) x[i, , drop = FALSE] * (mu[i] * (1 - mu[i]))
  bread <- solve(Reduce(`+`, lapply(parts, function(i) t(d(i)) %*% vi(i) %*% d(i))))
  meat <- Reduce(`+`, lapply(parts, function(i) {
    h <- d(i) %*% bread %*% t(d(i)) %*% vi(i)
    u <- t(d(i)) %*% vi(i) %*% solve(diag(length(i)) - h, r$outcome[i] - mu[i]); u %*% t(u) }))
  unname(bread %*% meat %*% bread)
}
gees <- list(ohio = list(coefficients = coefs(o_x), vcov = unname(o_x$geese$vbeta), correlation = unname(o_x$geese$alpha)),
  respiratory = r_fit("exchangeable"), respiratory_independence = r_fit("independence"),
  mancl_derouen = md("exchangeable"), mancl_derouen_independence = md("independence"))

mixed_one <- function(formula, data, n) {
  g <- glmer(formula, data, binomial, nAGQ = n, control = glmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.02, rhoend = 1e-9, maxfun = 1e5), tolPwrss = 1e-12))
  g <- update(g, start = list(theta = getME(g, "theta"), fixef = fixef(g)))
  list(coefficients = unname(fixef(g)), se = unname(sqrt(diag(as.matrix(vcov(g))))), sd = unname(getME(g, "theta")), log_likelihood = as.numeric(logLik(g)))
}
mixed <- list(ohio = mixed_one(resp ~ age + smoke + (1 | id), ohio, 51),
  respiratory = mixed_one(outcome ~ treat + baseline + (1 | patient), respiratory, 51))

out <- list(
  versions = c(list(R = R.version.string), sapply(c("MASS", "geepack", "lme4", "brglm2", "car", "rms"), function(v) as.character(packageVersion(v)), simplify = FALSE)),
  birthwt = list(data = bw, logistic = logistic, spline = spline),
  endometrial = list(data = endometrial, firth = firth),
  housing = list(data = housing, ordinal = ordinal),
  ohio = ohio[, c("resp", "id", "age", "smoke")],
  respiratory = data.frame(outcome = respiratory$outcome, patient = as.integer(respiratory$patient), active = as.integer(respiratory$treat == "A"),
    age = respiratory$age, baseline = respiratory$baseline),
  gee = gees, mixed = mixed)
cat(toJSON(out, digits = NA, dataframe = "columns", auto_unbox = TRUE), "\n")
