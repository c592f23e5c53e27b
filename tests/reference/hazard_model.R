# Expected values for the tests of Cox models: tests/kernels/test_{cox_newton,cox_robust,firth_cox,schoenfeld,concordance,
# cox_screen,concordance_optimism}.py and tests/analyses/test_hazard_model_{fits,discrimination}.py.
# Data: lung, veteran, ovarian, heart (Stanford transplant, start-stop), kidney (McGilchrist & Aisbett 1991, two rows a
# patient, ties) of R's survival; the remission times of Freireich et al.; and the breast cancer data of Heinze &
# Schemper, Biometrics 2001;57:114-119 (100 patients, 26 events, no event with G = 0), as its authors distribute them.
# coxphf is not needed: its penalised likelihood, log L + log|I|/2, is formed here from coxph's own log L and I at fixed
# coefficients, and maximised and profiled with optim and uniroot. Restricted cubic splines follow Harrell's formula.
# Run in this directory: Rscript hazard_model.R   (writes hazard_model.json)
suppressMessages({library(jsonlite); library(survival)})
cat(R.version.string, "\n"); cat("survival", as.character(packageVersion("survival")), "\n")
tight <- coxph.control(eps = 1e-14, iter.max = 200, toler.chol = 1e-16)

lung2 <- na.omit(survival::lung[, c("time", "status", "age", "sex", "ph.ecog", "wt.loss", "inst")]); lung2$event <- as.integer(lung2$status == 2)
lung2$ecog <- pmin(lung2$ph.ecog, 2)
veteran <- survival::veteran; veteran$celltype <- as.character(veteran$celltype)
ovarian <- survival::ovarian
heart <- survival::heart[1:172, ]; heart$transplant <- as.integer(as.character(heart$transplant))
kidney <- survival::kidney[, c("id", "time", "status", "age", "sex")]
freireich <- data.frame(
  weeks = c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35,
            1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23),
  relapse = c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, rep(1, 21)), placebo = rep(0:1, each = 21))
breast <- read.csv("hazard_model_breast.csv"); names(breast)[5] <- "time"

fit <- function(formula, data, ties = "efron", cluster = NULL, transforms = c("km", "identity", "log", "rank")) {
  environment(formula) <- environment()  # where concordance() looks for the data again
  f <- if (is.null(cluster)) coxph(formula, data, ties = ties, x = TRUE, control = tight) else
    eval(bquote(coxph(formula, data, ties = ties, x = TRUE, control = tight, cluster = .(as.name(cluster)))))
  c1 <- concordance(f); timed <- ncol(f$y) == 3
  u <- if (timed) NULL else concordance(f, timewt = "n/G2"); m <- median(f$y[, ncol(f$y) - 1])
  y <- if (timed) NULL else concordance(f, timewt = "n/G2", ymax = m)
  list(coefficients = unname(coef(f)), covariance = unname(if (is.null(cluster)) vcov(f) else f$naive.var),
       robust = if (is.null(cluster)) NULL else unname(vcov(f)), wald = f$wald.test,
       loglik = f$loglik, score = unname(residuals(f, "score")), n_events = f$nevent,
       zph = sapply(transforms, function(t) { z <- cox.zph(f, t)$table; list(chisq = unname(z[, 1]), df = unname(z[, 2]), p = unname(z[, 3])) }, simplify = FALSE),
       residuals = { z <- cox.zph(f, "km"); list(time = unname(z$time), position = unname(z$x), value = unname(z$y), variance = unname(diag(z$var))) },
       c = c(unname(c1$concordance), sqrt(c1$var)), uno = if (timed) NULL else c(unname(u$concordance), sqrt(u$var)),
       uno_until = if (timed) NULL else c(m, unname(y$concordance), sqrt(y$var)))
}
# two models, paired
pair <- function(f, g, ...) { k <- concordance(f, g, ...); d <- c(1, -1); list(difference = sum(d * k$concordance), se = sqrt(drop(d %*% k$var %*% d))) }
rcs <- function(x, k) { n <- length(k); p <- function(v) pmax(v, 0)^3; s <- (k[n] - k[1])^2
  cbind(x, sapply(1:(n - 2), function(j) (p(x - k[j]) - p(x - k[n - 1]) * (k[n] - k[j]) / (k[n] - k[n - 1]) + p(x - k[n]) * (k[n - 1] - k[j]) / (k[n] - k[n - 1])) / s)) }
spline <- function(data, x, time, event, k, at, ref) {
  B <- rcs(x, k); f <- coxph(Surv(time, event) ~ B, control = tight); D <- rcs(at, k) - rcs(rep(ref, length(at)), k)
  se <- sqrt(diag(D %*% vcov(f) %*% t(D))); lr <- drop(D %*% coef(f)); i <- 2:ncol(B)
  list(knots = k, at = at, reference = ref, ratio = exp(lr), low = exp(lr - qnorm(.975) * se), high = exp(lr + qnorm(.975) * se),
       overall = drop(coef(f) %*% solve(vcov(f), coef(f))), nonlinear = drop(coef(f)[i] %*% solve(vcov(f)[i, i], coef(f)[i])), loglik = f$loglik)
}
# Firth: penalised log-likelihood at fixed coefficients
firth <- function(X, y, strata = NULL, ties = "efron", profile = TRUE) {
  X <- as.matrix(X); p <- ncol(X); u <- apply(X, 2, sd); X <- sweep(X, 2, u, "/")  # steps of one size
  s <- if (is.null(strata)) rep(1, nrow(X)) else strata
  pl <- function(beta) tryCatch({ g <- suppressWarnings(coxph(y ~ X + strata(s), init = beta, ties = ties, control = coxph.control(iter.max = 0)))
    tail(g$loglik, 1) - as.numeric(determinant(vcov(g))$modulus) / 2 + sum(log(u)) }, error = function(e) -1e6)
  best <- function(free, at) { if (!length(free)) return(list(par = numeric(0), value = pl(at)))
    h <- function(v) { at[free] <- v; -pl(at) }; start <- at[free]
    for (i in 1:4) { o <- optim(start, h, method = "BFGS", control = list(reltol = 1e-16, maxit = 500, ndeps = rep(1e-4, length(free)))); start <- o$par }
    list(par = o$par, value = -o$value) }
  top <- best(1:p, rep(0, p)); null <- pl(rep(0, p)); q <- qchisq(.95, 1)
  out <- list(coefficients = top$par / u, loglik = c(null, top$value))
  if (profile) { prof <- function(j, v) { at <- top$par; at[j] <- v; best(setdiff(1:p, j), at)$value }
    lim <- function(j, side) { h <- function(v) 2 * (top$value - prof(j, v)) - q; far <- side; while (h(top$par[j] + far) < 0) far <- 2 * far
      uniroot(h, sort(c(top$par[j], top$par[j] + far)), tol = 1e-9)$root }
    out$low <- sapply(1:p, lim, side = -1) / u; out$high <- sapply(1:p, lim, side = 1) / u; out$chisq <- sapply(1:p, function(j) 2 * (top$value - prof(j, 0))) }
  out
}
lung_x <- coxph(Surv(time, event) ~ age + sex, lung2, control = tight); lung_y <- coxph(Surv(time, event) ~ age + sex + factor(ecog), lung2, control = tight)
few <- lung2[1:40, ]; few$event <- as.integer(few$event == 1 & seq_len(40) %% 3 == 0)
weights <- rep(c(0, 1, 2, 1, 3), length.out = nrow(lung2)); kept <- weights > 0
out <- list(
  made_with = list(R = R.version.string, survival = as.character(packageVersion("survival"))),
  lung = list(data = as.list(lung2), efron = fit(Surv(time, event) ~ age + sex + wt.loss, lung2), breslow = fit(Surv(time, event) ~ age + sex + wt.loss, lung2, "breslow"),
              factor = fit(Surv(time, event) ~ factor(ecog) + age, lung2), cluster = fit(Surv(time, event) ~ age + sex, lung2, cluster = "inst"),
              pair = pair(lung_x, lung_y), pair_uno = pair(lung_x, lung_y, timewt = "n/G2"),
              spline = spline(lung2, lung2$age, lung2$time, lung2$event, c(50, 60, 66, 74), c(45, 55, 70, 80), 63),
              weighted = list(weights = weights, efron = unname(coef(coxph(Surv(time, event) ~ age + sex, lung2[kept, ], weights = weights[kept], control = tight))),
                              breslow = unname(coef(coxph(Surv(time, event) ~ age + sex, lung2[kept, ], weights = weights[kept], ties = "breslow", control = tight)))),
              score_each = sapply(c("age", "sex", "wt.loss"), function(v) coxph(as.formula(paste("Surv(time, event) ~", v)), lung2)$score)),
  veteran = list(data = as.list(veteran), strata = fit(Surv(time, status) ~ karno + age + strata(celltype), veteran), strata_breslow = fit(Surv(time, status) ~ karno + age + strata(celltype), veteran, "breslow")),
  ovarian = list(data = as.list(ovarian), efron = fit(Surv(futime, fustat) ~ age + rx, ovarian), firth = firth(ovarian[, c("age", "rx")], with(ovarian, Surv(futime, fustat)))),
  heart = list(data = as.list(heart), efron = fit(Surv(start, stop, event) ~ age + transplant, heart, transforms = c("km", "identity", "log")),
               breslow = fit(Surv(start, stop, event) ~ age + year + surgery, heart, "breslow", transforms = c("km", "identity")),
               cluster = fit(Surv(start, stop, event) ~ age + transplant, heart, cluster = "id", transforms = c("km", "identity"))),
  kidney = list(data = as.list(kidney), cluster = fit(Surv(time, status) ~ age + sex, kidney, cluster = "id")),
  freireich = list(data = as.list(freireich), breslow = fit(Surv(weeks, relapse) ~ placebo, freireich, "breslow"), efron = fit(Surv(weeks, relapse) ~ placebo, freireich),
                   firth = firth(freireich["placebo"], with(freireich, Surv(weeks, relapse))), firth_breslow = firth(freireich["placebo"], with(freireich, Surv(weeks, relapse)), ties = "breslow")),
  breast = list(data = as.list(breast), firth = firth(breast[, c("T", "N", "G", "CD")], with(breast, Surv(time, event))), strata = firth(breast[, c("T", "G")], with(breast, Surv(time, event)), strata = breast$N)),
  few = list(rows = 40, firth = firth(few[, c("age", "sex")], with(few, Surv(time, event)))),
  entry = list(firth = firth(heart[1:60, c("age", "surgery")], with(heart[1:60, ], Surv(start, stop, event))))
)
write(toJSON(out, digits = NA, auto_unbox = TRUE, dataframe = "columns", na = "null"), "hazard_model.json")
