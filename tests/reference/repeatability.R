# Expected values for tests/kernels/test_repeatability.py, test_variance_components.py and tests/analyses/test_repeatability.py.
# Run in this directory: Rscript repeatability.R   (writes repeatability.json)
suppressMessages({library(jsonlite); library(lme4)})
cat("lme4", as.character(packageVersion("lme4")), "\n"); cat(R.version.string, "\n")

# Bland & Altman 1996 (BMJ 313:744): peak expiratory flow of 20 schoolchildren, four readings each (L/min)
flow <- matrix(c(190, 220, 200, 200, 220, 200, 240, 230, 260, 260, 240, 280, 210, 300, 280, 265, 270, 265, 280, 270, 280, 280, 270, 275, 260, 280, 280, 300,
                 275, 275, 275, 305, 280, 290, 300, 290, 320, 290, 300, 290, 300, 300, 310, 300, 270, 250, 330, 370, 320, 330, 330, 330, 335, 320, 335, 375,
                 350, 320, 340, 365, 360, 320, 350, 345, 330, 340, 380, 390, 335, 385, 360, 370, 400, 420, 425, 420, 430, 460, 480, 470), 20, byrow = TRUE)
within <- function(y, g) {
  g <- factor(g); a <- anova(lm(y ~ g)); ms <- a[["Mean Sq"]][2]; df <- a[["Df"]][2]
  list(between = a[["Mean Sq"]][1], mean_square = ms, df = df, low = df * ms / qchisq(.975, df), high = df * ms / qchisq(.025, df))
}
# Bland & Altman 1999, table 4: replicated cardiac output, unequal numbers
sizes <- c(5, 4, 6, 5, 6, 4, 4, 6, 3, 5, 6, 6); subject <- rep(seq_along(sizes), sizes)
reliability <- fromJSON("reliability.json")
rv <- reliability$cardiac_output$rv; ic <- reliability$cardiac_output$ic

# made up: 14 lesions of 6 patients, 3 readers, 2 sessions, some readings lost
set.seed(7)
long <- expand.grid(session = 1:2, reader = 1:3, lesion = 1:14); patient <- c(1, 1, 1, 1, 2, 2, 3, 3, 3, 4, 5, 5, 6, 6); long$patient <- patient[long$lesion]
n <- nrow(long)
long$y <- round(3 + rnorm(6, sd = .8)[long$patient] + rnorm(14, sd = .7)[long$lesion] + rnorm(3, sd = .2)[long$reader] + rnorm(2, sd = .1)[long$session] +
                rnorm(42, sd = .15)[(long$lesion - 1) * 3 + long$reader] + rnorm(n, sd = .12), 3)
long <- long[-c(3, 10, 22, 41, 57, 58, 80), ]
long$cell <- interaction(long$lesion, long$reader)
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10))
fit <- lmer(y ~ 1 + (1 | patient) + (1 | lesion) + (1 | cell) + (1 | reader) + (1 | session), long, control = tight)
v <- as.data.frame(VarCorr(fit))
cell_means <- aggregate(y ~ lesion + reader, long, mean)
two_way <- as.data.frame(VarCorr(lmer(y ~ 1 + (1 | lesion) + (1 | reader), cell_means, control = tight)))

out <- list(made_with = list(R = R.version.string, lme4 = as.character(packageVersion("lme4"))),
  peak_flow = list(values = flow, call = "stats::anova(lm(y ~ child)), qchisq", within = within(as.vector(t(flow)), rep(1:20, each = 4)),
                   logs = within(as.vector(t(log(flow))), rep(1:20, each = 4)), root_mean_square_cv = sqrt(mean((apply(flow, 1, sd) / rowMeans(flow))^2))),
  cardiac_output = list(subject = subject, rv = rv, ic = ic, within_rv = within(rv, subject), within_ic = within(ic, subject)),
  sessions = list(call = "lme4::lmer(y ~ 1 + (1 | patient) + (1 | lesion) + (1 | lesion:reader) + (1 | reader) + (1 | session))",
                  data = long[, c("patient", "lesion", "reader", "session", "y")], components = setNames(as.list(v$vcov), v$grp), mean = fixef(fit)[[1]],
                  within_cells = within(long$y, long$cell), cell_means_two_way = setNames(as.list(two_way$vcov), two_way$grp)))
write(toJSON(out, digits = NA, auto_unbox = TRUE), "repeatability.json")
