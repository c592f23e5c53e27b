# Expected values for tests/kernels/test_describe.py.
# Run in this directory: Rscript describe.R   (writes describe.json)
suppressMessages({library(jsonlite); library(psych); library(sandwich)})
cat(R.version.string, "\n")
for (p in c("psych", "sandwich")) cat(p, as.character(packageVersion(p)), "\n")

lesions <- read.csv("../../biomarker/examples/cd8/lesions.csv", na.strings = c("", "n/a", "n/a*", "-"))
names(lesions)[1] <- "patient_id"
times <- c("suvmax_2h", "suvmax_24h", "suvmax_48h", "suvmax_135h")
lesions <- lesions[complete.cases(lesions[times]), ]

summarise <- function(x) {
  q <- quantile(x, c(.25, .5, .75), type = 7, names = FALSE)
  fit <- t.test(log(x))$conf.int
  list(n = length(x), mean = mean(x), sd = sd(x), se = sd(x) / sqrt(length(x)), q1 = q[1], median = q[2], q3 = q[3],
       minimum = min(x), maximum = max(x), geometric_mean = geometric.mean(x), geometric_low = exp(fit[1]), geometric_high = exp(fit[2]),
       geometric_cv = sqrt(exp(var(log(x))) - 1))
}
# mean of the logs with patients as clusters: CR2 of Bell and McCaffrey from its definition, with the symmetric square root of
# (I - H_gg)^-1. sandwich::vcovCL(type = "HC2") multiplies this by (K - 1)/K, and so with clusters of one would not
# give back the ordinary standard error; it is written out beside ours to show exactly that
clustered <- function(x, id) {
  y <- log(x); n <- length(y); e <- y - mean(y)
  sums <- sapply(split(e, id), function(r) {
    m <- length(r); d <- eigen(diag(m) - matrix(1 / n, m, m), symmetric = TRUE)
    sum(d$vectors %*% diag(1 / sqrt(d$values), m) %*% t(d$vectors) %*% r)
  })
  m <- table(id)
  list(mean = mean(y), se = sqrt(sum(sums^2)) / n, df = sum(m)^2 / sum(m^2) - 1,
       se_sandwich_hc2 = sqrt(vcovCL(lm(y ~ 1), cluster = id, type = "HC2", cadjust = FALSE)[1, 1]))
}
# one-way ANOVA estimate of the intraclass correlation, unequal cluster sizes, from the mean squares of aov()
anova_icc <- function(y, id) {
  ms <- summary(aov(y ~ factor(id)))[[1]][["Mean Sq"]]
  m <- table(id)
  n0 <- (sum(m) - sum(m^2) / sum(m)) / (length(m) - 1)
  (ms[1] - ms[2]) / (ms[1] + (n0 - 1) * ms[2])
}
id <- lesions$patient_id
write_json(list(
  provenance = paste(R.version.string, "psych", packageVersion("psych"), "sandwich", packageVersion("sandwich")),
  data = "cd8 example, the 42 lesions measured at all four times",
  lesions = as.list(lesions[c("patient_id", times)]),
  summaries = lapply(lesions[times], summarise),
  clustered = lapply(lesions[times], clustered, id = id),
  icc = lapply(lesions[times], function(x) anova_icc(log(x), id))
), "describe.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
