# Interactions of a marker with treatment for tests/analyses/test_treatment_interaction.py.
# Run: Rscript treatment_interaction.R > treatment_interaction.json   (writes interaction_*.csv beside it)
suppressMessages({library(survival); library(jsonlite)})
num <- function(x) unname(as.numeric(x))
effects <- function(f, i, x) { b <- coef(f); v <- vcov(f); sapply(x, function(at) { w <- rep(0, length(b)); w[i[1]] <- 1; w[i[2]] <- at; c(sum(w * b), sqrt(drop(t(w) %*% v %*% w))) }) }

# Veterans' lung cancer trial: Karnofsky score and test chemotherapy; survival
v <- veteran; v$trt <- v$trt - 1
f1 <- coxph(Surv(time, status) ~ trt * karno, data = v); f0 <- coxph(Surv(time, status) ~ trt + karno, data = v)
timed <- list(interaction = num(coef(f1)["trt:karno"]), se = sqrt(vcov(f1)["trt:karno", "trt:karno"]), lr = 2 * num(f1$loglik[2] - f0$loglik[2]),
  marker_control = num(coef(f1)["karno"]), at = c(30, 60, 90), effects = effects(f1, c(1, 3), c(30, 60, 90)), overall = num(coef(coxph(Surv(time, status) ~ trt, data = v))))
write.csv(v[, c("trt", "karno", "time", "status", "age", "celltype")], "interaction_veteran.csv", row.names = FALSE)

# low birth weight (Hosmer and Lemeshow), smoking as the "treatment", mother's weight as the marker, age adjusted for
b <- MASS::birthwt
g1 <- glm(low ~ smoke * lwt + age, binomial, b, epsilon = 1e-14); g0 <- glm(low ~ smoke + lwt + age, binomial, b, epsilon = 1e-14)
binary <- list(interaction = num(coef(g1)["smoke:lwt"]), se = sqrt(vcov(g1)["smoke:lwt", "smoke:lwt"]), lr = deviance(g0) - deviance(g1),
  marker_control = num(coef(g1)["lwt"]), at = c(100, 120, 150), effects = effects(g1, c(2, 5), c(100, 120, 150)))
# birth weight itself
h1 <- lm(bwt ~ smoke * lwt + age, b)
continuous <- list(interaction = num(coef(h1)["smoke:lwt"]), se = sqrt(vcov(h1)["smoke:lwt", "smoke:lwt"]), p = summary(h1)$coefficients["smoke:lwt", 4],
  interval = num(confint(h1)["smoke:lwt", ]), effects = effects(h1, c(2, 5), c(100, 120, 150)))
write.csv(b[, c("low", "smoke", "lwt", "age", "bwt", "ht")], "interaction_birthwt.csv", row.names = FALSE)
cat(toJSON(list(software = sprintf("%s, survival %s, MASS %s", R.version.string, packageVersion("survival"), packageVersion("MASS")),
  timed = timed, binary = binary, continuous = continuous), digits = 17, auto_unbox = TRUE, pretty = TRUE))
