"""The papers behind the numbers: one constant each, cited by results and printed by the methods text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """A paper, as it is printed in a list of references."""

    text: str
    doi: str = ""

    def __str__(self) -> str:
        return f"{self.text} doi:{self.doi}" if self.doi else self.text


# --- proportions and 2x2 tables ---------------------------------------------------------------------------------
WILSON_1927 = Reference(
    "Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat Assoc 1927;22:209-212.",
    "10.1080/01621459.1927.10502953",
)
CLOPPER_PEARSON_1934 = Reference(
    "Clopper CJ, Pearson ES. The use of confidence or fiducial limits illustrated in the case of the binomial. "
    "Biometrika 1934;26:404-413.",
    "10.1093/biomet/26.4.404",
)
BROWN_CAI_DASGUPTA_2001 = Reference(
    "Brown LD, Cai TT, DasGupta A. Interval estimation for a binomial proportion. Stat Sci 2001;16:101-133.",
    "10.1214/ss/1009213286",
)

AGRESTI_COULL_1998 = Reference(
    'Agresti A, Coull BA. Approximate is better than "exact" for interval estimation of binomial proportions. '
    "Am Stat 1998;52:119-126.",
    "10.1080/00031305.1998.10480550",
)
SIMEL_1991 = Reference(
    "Simel DL, Samsa GP, Matchar DB. Likelihood ratios with confidence: sample size estimation for diagnostic test "
    "studies. J Clin Epidemiol 1991;44:763-770.",
    "10.1016/0895-4356(91)90128-V",
)
WOOLF_1955 = Reference(
    "Woolf B. On estimating the relation between blood group and disease. Ann Hum Genet 1955;19:251-253."
)
NEWCOMBE_1998_UNPAIRED = Reference(
    "Newcombe RG. Interval estimation for the difference between independent proportions: comparison of eleven "
    "methods. Stat Med 1998;17:873-890."
)
NEWCOMBE_1998_PAIRED = Reference(
    "Newcombe RG. Improved confidence intervals for the difference between binomial proportions based on paired data. "
    "Stat Med 1998;17:2635-2650."
)
FLEISS_COHEN_EVERITT_1969 = Reference(
    "Fleiss JL, Cohen J, Everitt BS. Large sample standard errors of kappa and weighted kappa. "
    "Psychol Bull 1969;72:323-327.",
    "10.1037/h0028106",
)
MERCALDO_2007 = Reference(
    "Mercaldo ND, Lau KF, Zhou XH. Confidence intervals for predictive values with an emphasis to case-control "
    "studies. Stat Med 2007;26:2170-2183.",
    "10.1002/sim.2677",
)
KORN_GRAUBARD_1998 = Reference(
    "Korn EL, Graubard BI. Confidence intervals for proportions with small expected number of positive counts "
    "estimated from survey data. Surv Methodol 1998;24:193-201."
)
RAO_SCOTT_1992 = Reference(
    "Rao JNK, Scott AJ. A simple method for the analysis of clustered binary data. Biometrics 1992;48:577-585.",
    "10.2307/2532311",
)

# --- comparison of tests ----------------------------------------------------------------------------------------
MCNEMAR_1947 = Reference(
    "McNemar Q. Note on the sampling error of the difference between correlated proportions or percentages. "
    "Psychometrika 1947;12:153-157.",
    "10.1007/BF02295996",
)
FAGERLAND_2013 = Reference(
    "Fagerland MW, Lydersen S, Laake P. The McNemar test for binary matched-pairs data: mid-p and asymptotic are "
    "better than exact conditional. BMC Med Res Methodol 2013;13:91.",
    "10.1186/1471-2288-13-91",
)
COCHRAN_1950 = Reference(
    "Cochran WG. The comparison of percentages in matched samples. Biometrika 1950;37:256-266.",
    "10.1093/biomet/37.3-4.256",
)
TANGO_1998 = Reference(
    "Tango T. Equivalence test and confidence interval for the difference in proportions for the paired-sample design. "
    "Stat Med 1998;17:891-908."
)
MIETTINEN_NURMINEN_1985 = Reference(
    "Miettinen O, Nurminen M. Comparative analysis of two rates. Stat Med 1985;4:213-226.", "10.1002/sim.4780040211"
)
NAM_BLACKWELDER_2002 = Reference(
    "Nam JM, Blackwelder WC. Analysis of the ratio of marginal probabilities in a matched-pair setting. "
    "Stat Med 2002;21:689-699.",
    "10.1002/sim.1017",
)
BONETT_PRICE_2006 = Reference(
    "Bonett DG, Price RM. Confidence intervals for a ratio of binomial proportions based on paired data. "
    "Stat Med 2006;25:3039-3047.",
    "10.1002/sim.2440",
)
LEISENRING_2000 = Reference(
    "Leisenring W, Alonzo T, Pepe MS. Comparisons of predictive values of binary medical diagnostic tests for paired "
    "designs. Biometrics 2000;56:345-351."
)
KOSINSKI_2013 = Reference(
    "Kosinski AS. A weighted generalized score statistic for comparison of predictive values of diagnostic tests. "
    "Stat Med 2013;32:964-977.",
    "10.1002/sim.5587",
)
MOSKOWITZ_PEPE_2006 = Reference(
    "Moskowitz CS, Pepe MS. Comparing the predictive values of diagnostic tests: sample size and analysis for paired "
    "study designs. Clin Trials 2006;3:272-279.",
    "10.1191/1740774506cn147oa",
)
OBUCHOWSKI_1998 = Reference(
    "Obuchowski NA. On the comparison of correlated proportions for clustered data. Stat Med 1998;17:1495-1507."
)

# --- verification bias and net benefit --------------------------------------------------------------------------
BEGG_GREENES_1983 = Reference(
    "Begg CB, Greenes RA. Assessment of diagnostic tests when disease verification is subject to selection bias. "
    "Biometrics 1983;39:207-215.",
    "10.2307/2530820",
)
HAREL_ZHOU_2006 = Reference(
    "Harel O, Zhou XH. Multiple imputation for correcting verification bias. Stat Med 2006;25:3769-3786.",
    "10.1002/sim.2494",
)
VICKERS_ELKIN_2006 = Reference(
    "Vickers AJ, Elkin EB. Decision curve analysis: a novel method for evaluating prediction models. "
    "Med Decis Making 2006;26:565-574.",
    "10.1177/0272989X06295361",
)

# --- ROC curves -----------------------------------------------------------------------------------------------------
DELONG_1988 = Reference(
    "DeLong ER, DeLong DM, Clarke-Pearson DL. Comparing the areas under two or more correlated receiver operating "
    "characteristic curves: a nonparametric approach. Biometrics 1988;44:837-845.",
    "10.2307/2531595",
)
OBUCHOWSKI_1997 = Reference(
    "Obuchowski NA. Nonparametric analysis of clustered ROC curve data. Biometrics 1997;53:567-578.",
    "10.2307/2533958",
)
HANLEY_MCNEIL_1982 = Reference(
    "Hanley JA, McNeil BJ. The meaning and use of the area under a receiver operating characteristic (ROC) curve. "
    "Radiology 1982;143:29-36.",
    "10.1148/radiology.143.1.7063747",
)
MCCLISH_1989 = Reference(
    "McClish DK. Analyzing a portion of the ROC curve. Med Decis Making 1989;9:190-195.", "10.1177/0272989X8900900307"
)
NEWCOMBE_2006 = Reference(
    "Newcombe RG. Confidence intervals for an effect size measure based on the Mann-Whitney statistic. Part 2: "
    "asymptotic methods and evaluation. Stat Med 2006;25:559-573.",
    "10.1002/sim.2324",
)
CAMPBELL_1994 = Reference(
    "Campbell G. Advances in statistical methodology for the evaluation of diagnostic and laboratory tests. "
    "Stat Med 1994;13:499-508."
)
METZ_1998 = Reference(
    "Metz CE, Herman BA, Shen JH. Maximum likelihood estimation of receiver operating characteristic (ROC) curves from "
    "continuously-distributed data. Stat Med 1998;17:1033-1053."
)
PEPE_2003 = Reference(
    "Pepe MS. The statistical evaluation of medical tests for classification and prediction. Oxford: Oxford University "
    "Press; 2003."
)
SATTERTHWAITE_1946 = Reference(
    "Satterthwaite FE. An approximate distribution of estimates of variance components. Biometrics Bull "
    "1946;2:110-114.",
    "10.2307/3002019",
)
ZOU_DONNER_2008 = Reference(
    "Zou GY, Donner A. Construction of confidence limits about effect measures: a general approach. Stat Med "
    "2008;27:1693-1702.",
    "10.1002/sim.3095",
)

# --- correlation ------------------------------------------------------------------------------------------------
FISHER_1924 = Reference("Fisher RA. The distribution of the partial correlation coefficient. Metron 1924;3:329-332.")
BONETT_WRIGHT_2000 = Reference(
    "Bonett DG, Wright TA. Sample size requirements for estimating Pearson, Kendall and Spearman correlations. "
    "Psychometrika 2000;65:23-28.",
    "10.1007/BF02294183",
)
BAKDASH_MARUSICH_2017 = Reference(
    "Bakdash JZ, Marusich LR. Repeated measures correlation. Front Psychol 2017;8:456.",
    "10.3389/fpsyg.2017.00456",
)
EFRON_TIBSHIRANI_1993 = Reference(
    "Efron B, Tibshirani RJ. An introduction to the bootstrap. New York: Chapman & Hall; 1993."
)
FIELLER_1957 = Reference(
    "Fieller EC, Hartley HO, Pearson ES. Tests for rank correlation coefficients. I. Biometrika 1957;44:470-481.",
    "10.1093/biomet/44.3-4.470",
)
BEST_ROBERTS_1975 = Reference(
    "Best DJ, Roberts DE. Algorithm AS 89: the upper tail probabilities of Spearman's rho. Appl Stat 1975;24:377-379.",
    "10.2307/2347111",
)
KENDALL_1942 = Reference(
    "Kendall MG. Partial rank correlation. Biometrika 1942;32:277-283.", "10.1093/biomet/32.3-4.277"
)
WILLIAMS_1959 = Reference("Williams EJ. The comparison of regression variables. J R Stat Soc B 1959;21:396-399.")
STEIGER_1980 = Reference(
    "Steiger JH. Tests for comparing elements of a correlation matrix. Psychol Bull 1980;87:245-251.",
    "10.1037/0033-2909.87.2.245",
)
MENG_1992 = Reference(
    "Meng XL, Rosenthal R, Rubin DB. Comparing correlated correlation coefficients. Psychol Bull 1992;111:172-175.",
    "10.1037/0033-2909.111.1.172",
)
ZOU_2007 = Reference(
    "Zou GY. Toward using confidence intervals to compare correlations. Psychol Methods 2007;12:399-413.",
    "10.1037/1082-989X.12.4.399",
)
OLKIN_FINN_1990 = Reference(
    "Olkin I, Finn JD. Testing correlated correlations. Psychol Bull 1990;108:330-333.",
    "10.1037/0033-2909.108.2.330",
)
SOMERS_1962 = Reference(
    "Somers RH. A new asymmetric measure of association for ordinal variables. Am Sociol Rev 1962;27:799-811.",
    "10.2307/2090408",
)
GELMAN_STERN_2006 = Reference(
    'Gelman A, Stern H. The difference between "significant" and "not significant" is not itself statistically '
    "significant. Am Stat 2006;60:328-331.",
    "10.1198/000313006X152649",
)
WOODRUFF_1952 = Reference(
    "Woodruff RS. Confidence intervals for medians and other position measures. J Am Stat Assoc 1952;47:635-646.",
    "10.1080/01621459.1952.10483443",
)
EISENHAUER_2009 = Reference(
    "Eisenhauer EA, Therasse P, Bogaerts J, et al. New response evaluation criteria in solid tumours: revised RECIST "
    "guideline (version 1.1). Eur J Cancer 2009;45:228-247.",
    "10.1016/j.ejca.2008.10.026",
)

# --- cutoffs --------------------------------------------------------------------------------------------------------
YOUDEN_1950 = Reference("Youden WJ. Index for rating diagnostic tests. Cancer 1950;3:32-35.")
PERKINS_SCHISTERMAN_2006 = Reference(
    'Perkins NJ, Schisterman EF. The inconsistency of "optimal" cutpoints obtained using two criteria based on the '
    "receiver operating characteristic curve. Am J Epidemiol 2006;163:670-675.",
    "10.1093/aje/kwj063",
)
LIU_2012 = Reference(
    "Liu X. Classification accuracy and cut point selection. Stat Med 2012;31:2676-2686.", "10.1002/sim.4509"
)
LOPEZ_RATON_2014 = Reference(
    "López-Ratón M, Rodríguez-Álvarez MX, Cadarso-Suárez C, Gude-Sampedro F. OptimalCutpoints: an R package for "
    "selecting optimal cutpoints in diagnostic tests. J Stat Softw 2014;61(8):1-36.",
    "10.18637/jss.v061.i08",
)
FLUSS_2005 = Reference(
    "Fluss R, Faraggi D, Reiser B. Estimation of the Youden index and its associated cutoff point. Biom J "
    "2005;47:458-472.",
    "10.1002/bimj.200410135",
)
MILLER_SIEGMUND_1982 = Reference(
    "Miller R, Siegmund D. Maximally selected chi square statistics. Biometrics 1982;38:1011-1016.", "10.2307/2529881"
)
ALTMAN_1994 = Reference(
    'Altman DG, Lausen B, Sauerbrei W, Schumacher M. Dangers of using "optimal" cutpoints in the evaluation of '
    "prognostic factors. J Natl Cancer Inst 1994;86:829-835.",
    "10.1093/jnci/86.11.829",
)
EFRON_1987 = Reference(
    "Efron B. Better bootstrap confidence intervals. J Am Stat Assoc 1987;82:171-185.",
    "10.1080/01621459.1987.10478410",
)
EFRON_TIBSHIRANI_1997 = Reference(
    "Efron B, Tibshirani R. Improvements on cross-validation: the .632+ bootstrap method. J Am Stat Assoc "
    "1997;92:548-560.",
    "10.1080/01621459.1997.10474007",
)
HESTERBERG_2015 = Reference(
    "Hesterberg TC. What teachers should know about the bootstrap: resampling in the undergraduate statistics "
    "curriculum. Am Stat 2015;69:371-386.",
    "10.1080/00031305.2015.1089789",
)
HARRELL_1996 = Reference(
    "Harrell FE, Lee KL, Mark DB. Multivariable prognostic models: issues in developing models, evaluating assumptions "
    "and adequacy, and measuring and reducing errors. Stat Med 1996;15:361-387."
)
NOMA_2021 = Reference(
    "Noma H, Shinozaki T, Iba K, Teramukai S, Furukawa TA. Confidence intervals of prediction accuracy measures for "
    "multivariable prediction models based on the bootstrap-based optimism correction methods. Stat Med "
    "2021;40:5691-5701.",
    "10.1002/sim.9148",
)
BLAND_ALTMAN_1996_PROPORTIONAL = Reference(
    "Bland JM, Altman DG. Measurement error proportional to the mean. BMJ 1996;313:106.", "10.1136/bmj.313.7049.106"
)
COOK_STEFANSKI_1994 = Reference(
    "Cook JR, Stefanski LA. Simulation-extrapolation estimation in parametric measurement error models. J Am Stat "
    "Assoc 1994;89:1314-1328.",
    "10.1080/01621459.1994.10476871",
)

# --- reproducibility ------------------------------------------------------------------------------------------------
SHROUT_FLEISS_1979 = Reference(
    "Shrout PE, Fleiss JL. Intraclass correlations: uses in assessing rater reliability. Psychol Bull 1979;86:420-428.",
    "10.1037/0033-2909.86.2.420",
)
MCGRAW_WONG_1996 = Reference(
    "McGraw KO, Wong SP. Forming inferences about some intraclass correlation coefficients. "
    "Psychol Methods 1996;1:30-46.",
    "10.1037/1082-989X.1.1.30",
)
PATTERSON_THOMPSON_1971 = Reference(
    "Patterson HD, Thompson R. Recovery of inter-block information when block sizes are unequal. "
    "Biometrika 1971;58:545-554.",
    "10.1093/biomet/58.3.545",
)
WALD_1940 = Reference(
    "Wald A. A note on the analysis of variance with unequal class frequencies. Ann Math Stat 1940;11:96-100.",
)
WEERAHANDI_1993 = Reference(
    "Weerahandi S. Generalized confidence intervals. J Am Stat Assoc 1993;88:899-905.",
)
BURDICK_GRAYBILL_1992 = Reference(
    "Burdick RK, Graybill FA. Confidence intervals on variance components. New York: Marcel Dekker; 1992."
)
ELIASZIW_1994 = Reference(
    "Eliasziw M, Young SL, Woodbury MG, Fryday-Field K. Statistical methodology for the concurrent assessment of "
    "interrater and intrarater reliability: using goniometric measurements as an example. Phys Ther 1994;74:777-788.",
    "10.1093/ptj/74.8.777",
)
BLAND_ALTMAN_1996_ERROR = Reference(
    "Bland JM, Altman DG. Measurement error. BMJ 1996;313:744.",
    "10.1136/bmj.313.7059.744",
)
OBUCHOWSKI_BULLEN_2018 = Reference(
    "Obuchowski NA, Bullen J. Quantitative imaging biomarkers: effect of sample size and bias on confidence interval "
    "coverage. Stat Methods Med Res 2018;27:3139-3150.",
    "10.1177/0962280217693662",
)
RAUNIG_2015 = Reference(
    "Raunig DL, McShane LM, Pennello G, et al. Quantitative imaging biomarkers: a review of statistical methods for "
    "technical performance assessment. Stat Methods Med Res 2015;24:27-67.",
    "10.1177/0962280214537344",
)
ARVESEN_SCHMITZ_1970 = Reference(
    "Arvesen JN, Schmitz TH. Robust procedures for variance component problems using the jackknife. "
    "Biometrics 1970;26:677-686."
)
BLAND_ALTMAN_1986 = Reference(
    "Bland JM, Altman DG. Statistical methods for assessing agreement between two methods of clinical measurement. "
    "Lancet 1986;327:307-310.",
    "10.1016/S0140-6736(86)90837-8",
)
BLAND_ALTMAN_1999 = Reference(
    "Bland JM, Altman DG. Measuring agreement in method comparison studies. Stat Methods Med Res 1999;8:135-160.",
    "10.1177/096228029900800204",
)
BLAND_ALTMAN_2007 = Reference(
    "Bland JM, Altman DG. Agreement between methods of measurement with multiple observations per individual. "
    "J Biopharm Stat 2007;17:571-582.",
    "10.1080/10543400701329422",
)
CARKEET_2015 = Reference(
    "Carkeet A. Exact parametric confidence intervals for Bland-Altman limits of agreement. "
    "Optom Vis Sci 2015;92:e71-e80.",
    "10.1097/OPX.0000000000000513",
)
ZOU_2013 = Reference(
    "Zou GY. Confidence interval estimation for the Bland-Altman limits of agreement with multiple observations per "
    "individual. Stat Methods Med Res 2013;22:630-642.",
    "10.1177/0962280211402548",
)

# --- limits of agreement, concordance and comparison of methods -----------------------------------------------------
JONES_2011 = Reference(
    "Jones M, Dobson A, O'Brian S. A graphical method for assessing agreement with the mean between multiple observers "
    "using continuous measures. Int J Epidemiol 2011;40:1308-1313.",
    "10.1093/ije/dyr109",
)
CHRISTENSEN_2020 = Reference(
    "Christensen HS, Borgbjerg J, Børty L, Bøgsted M. On Jones et al.'s method for extending Bland-Altman plots to "
    "limits of agreement with the mean for multiple observers. BMC Med Res Methodol 2020;20:304.",
    "10.1186/s12874-020-01182-w",
)
ODEH_OWEN_1980 = Reference(
    "Odeh RE, Owen DB. Tables for normal tolerance limits, sampling plans, and screening. New York: Dekker; 1980."
)
LIN_1989 = Reference(
    "Lin LI. A concordance correlation coefficient to evaluate reproducibility. Biometrics 1989;45:255-268 (correction "
    "2000;56:324-325).",
    "10.2307/2532051",
)
BARNHART_2002 = Reference(
    "Barnhart HX, Haber M, Song J. Overall concordance correlation coefficient for evaluating agreement among multiple "
    "observers. Biometrics 2002;58:1020-1027.",
    "10.1111/j.0006-341X.2002.01020.x",
)
KING_CHINCHILLI_2001 = Reference(
    "King TS, Chinchilli VM. A generalized concordance correlation coefficient for continuous and categorical data. "
    "Stat Med 2001;20:2131-2147.",
    "10.1002/sim.845",
)
CARRASCO_JOVER_2003 = Reference(
    "Carrasco JL, Jover L. Estimating the generalized concordance correlation coefficient through variance components. "
    "Biometrics 2003;59:849-858."
)
PASSING_BABLOK_1983 = Reference(
    "Passing H, Bablok W. A new biometrical procedure for testing the equality of measurements from two different "
    "analytical methods. J Clin Chem Clin Biochem 1983;21:709-720.",
    "10.1515/cclm.1983.21.11.709",
)
LINNET_1990 = Reference(
    "Linnet K. Estimation of the linear relationship between the measurements of two methods with proportional errors. "
    "Stat Med 1990;9:1463-1473."
)
LINNET_1993 = Reference(
    "Linnet K. Evaluation of regression procedures for methods comparison studies. Clin Chem 1993;39:424-432."
)
CORNBLEET_GOCHMAN_1979 = Reference(
    "Cornbleet PJ, Gochman N. Incorrect least-squares regression coefficients in method-comparison analysis. "
    "Clin Chem 1979;25:432-438."
)

# --- agreement on categories ------------------------------------------------------------------------------------
COHEN_1960 = Reference(
    "Cohen J. A coefficient of agreement for nominal scales. Educ Psychol Meas 1960;20:37-46.",
    "10.1177/001316446002000104",
)
COHEN_1968 = Reference(
    "Cohen J. Weighted kappa: nominal scale agreement with provision for scaled disagreement or partial credit. "
    "Psychol Bull 1968;70:213-220.",
    "10.1037/h0026256",
)
FLEISS_1971 = Reference(
    "Fleiss JL. Measuring nominal scale agreement among many raters. Psychol Bull 1971;76:378-382.",
    "10.1037/h0031619",
)
FLEISS_NEE_LANDIS_1979 = Reference(
    "Fleiss JL, Nee JCM, Landis JR. Large sample variance of kappa in the case of different sets of raters. "
    "Psychol Bull 1979;86:974-977.",
    "10.1037/0033-2909.86.5.974",
)
CONGER_1980 = Reference(
    "Conger AJ. Integration and generalization of kappas for multiple raters. Psychol Bull 1980;88:322-328.",
    "10.1037/0033-2909.88.2.322",
)
BRENNAN_PREDIGER_1981 = Reference(
    "Brennan RL, Prediger DJ. Coefficient kappa: some uses, misuses, and alternatives. "
    "Educ Psychol Meas 1981;41:687-699.",
    "10.1177/001316448104100307",
)
CICCHETTI_FEINSTEIN_1990 = Reference(
    "Cicchetti DV, Feinstein AR. High agreement but low kappa: II. Resolving the paradoxes. "
    "J Clin Epidemiol 1990;43:551-558.",
    "10.1016/0895-4356(90)90159-M",
)
BYRT_1993 = Reference(
    "Byrt T, Bishop J, Carlin JB. Bias, prevalence and kappa. J Clin Epidemiol 1993;46:423-429.",
    "10.1016/0895-4356(93)90018-V",
)
GWET_2008 = Reference(
    "Gwet KL. Computing inter-rater reliability and its variance in the presence of high agreement. "
    "Br J Math Stat Psychol 2008;61:29-48.",
    "10.1348/000711006X126600",
)
GWET_2014 = Reference("Gwet KL. Handbook of inter-rater reliability. 4th ed. Gaithersburg: Advanced Analytics; 2014.")
KRIPPENDORFF_2013 = Reference(
    "Krippendorff K. Content analysis: an introduction to its methodology. 3rd ed. Thousand Oaks: Sage; 2013."
)

# --- describing and comparing uptake ----------------------------------------------------------------------------
HYNDMAN_FAN_1996 = Reference(
    "Hyndman RJ, Fan Y. Sample quantiles in statistical packages. Am Stat 1996;50:361-365.",
    "10.1080/00031305.1996.10473566",
)
KIRKWOOD_1979 = Reference("Kirkwood TBL. Geometric means and measures of dispersion. Biometrics 1979;35:908-909.")
BELL_MCCAFFREY_2002 = Reference(
    "Bell RM, McCaffrey DF. Bias reduction in standard errors for linear regression with multi-stage samples. "
    "Surv Methodol 2002;28:169-181."
)
LAIRD_WARE_1982 = Reference(
    "Laird NM, Ware JH. Random-effects models for longitudinal data. Biometrics 1982;38:963-974.",
    "10.2307/2529876",
)
WELCH_1947 = Reference(
    "Welch BL. The generalization of Student's problem when several different population variances are involved. "
    "Biometrika 1947;34:28-35.",
    "10.1093/biomet/34.1-2.28",
)
HEDGES_1981 = Reference(
    "Hedges LV. Distribution theory for Glass's estimator of effect size and related estimators. "
    "J Educ Stat 1981;6:107-128.",
    "10.3102/10769986006002107",
)
HODGES_LEHMANN_1963 = Reference(
    "Hodges JL, Lehmann EL. Estimates of location based on rank tests. Ann Math Stat 1963;34:598-611.",
    "10.1214/aoms/1177704172",
)
MANN_WHITNEY_1947 = Reference(
    "Mann HB, Whitney DR. On a test of whether one of two random variables is stochastically larger than the other. "
    "Ann Math Stat 1947;18:50-60.",
    "10.1214/aoms/1177730491",
)
WILCOXON_1945 = Reference(
    "Wilcoxon F. Individual comparisons by ranking methods. Biometrics Bull 1945;1:80-83.",
    "10.2307/3001968",
)
KRUSKAL_WALLIS_1952 = Reference(
    "Kruskal WH, Wallis WA. Use of ranks in one-criterion variance analysis. J Am Stat Assoc 1952;47:583-621.",
    "10.1080/01621459.1952.10483441",
)
JONCKHEERE_1954 = Reference(
    "Jonckheere AR. A distribution-free k-sample test against ordered alternatives. Biometrika 1954;41:133-145.",
    "10.1093/biomet/41.1-2.133",
)
FRIEDMAN_1937 = Reference(
    "Friedman M. The use of ranks to avoid the assumption of normality implicit in the analysis of variance. "
    "J Am Stat Assoc 1937;32:675-701.",
    "10.1080/01621459.1937.10503522",
)
CUZICK_1985 = Reference("Cuzick J. A Wilcoxon-type test for trend. Stat Med 1985;4:87-90.", "10.1002/sim.4780040112")
BATES_2015 = Reference(
    "Bates D, Maechler M, Bolker B, Walker S. Fitting linear mixed-effects models using lme4. J Stat Softw "
    "2015;67(1):1-48.",
    "10.18637/jss.v067.i01",
)
STUDENT_1908 = Reference("Student. The probable error of a mean. Biometrika 1908;6:1-25.", "10.1093/biomet/6.1.1")
BROWN_HEATHERS_2017 = Reference(
    "Brown NJL, Heathers JAJ. The GRIM test: a simple technique detects numerous anomalies in the reporting of results "
    "in psychology. Soc Psychol Personal Sci 2017;8:363-369.",
    "10.1177/1948550616673876",
)
ANAYA_2016 = Reference(
    "Anaya J. The GRIMMER test: a method for testing the validity of reported measures of variability. PeerJ Preprints "
    "2016;4:e2400v1.",
    "10.7287/peerj.preprints.2400v1",
)
ALTMAN_BLAND_2005 = Reference(
    "Altman DG, Bland JM. Standard deviations and standard errors. BMJ 2005;331:903.", "10.1136/bmj.331.7521.903"
)
HIGGINS_2008 = Reference(
    "Higgins JPT, White IR, Anzures-Cabrera J. Meta-analysis of skewed data: combining results reported on "
    "log-transformed or raw scales. Stat Med 2008;27:6072-6092.",
    "10.1002/sim.3427",
)
WELCH_1951 = Reference(
    "Welch BL. On the comparison of several mean values: an alternative approach. Biometrika 1951;38:330-336.",
    "10.1093/biomet/38.3-4.330",
)
ROSNER_GLYNN_LEE_2003 = Reference(
    "Rosner B, Glynn RJ, Lee MLT. Incorporation of clustering effects for the Wilcoxon rank sum test: a large-sample "
    "approach. Biometrics 2003;59:1089-1098."
)
ROSNER_GLYNN_LEE_2006 = Reference(
    "Rosner B, Glynn RJ, Lee MLT. The Wilcoxon signed rank test for paired comparisons of clustered data. "
    "Biometrics 2006;62:185-192."
)
DATTA_SATTEN_2005 = Reference(
    "Datta S, Satten GA. Rank-sum tests for clustered data. J Am Stat Assoc 2005;100:908-915.",
    "10.1198/016214504000001583",
)

# --- survival ---------------------------------------------------------------------------------------------------
KAPLAN_MEIER_1958 = Reference(
    "Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. J Am Stat Assoc 1958;53:457-481.",
    "10.1080/01621459.1958.10501452",
)
BROOKMEYER_CROWLEY_1982 = Reference(
    "Brookmeyer R, Crowley J. A confidence interval for the median survival time. Biometrics 1982;38:29-41.",
    "10.2307/2530286",
)
BORGAN_LIESTOL_1990 = Reference(
    "Borgan Ø, Liestøl K. A note on confidence intervals and bands for the survival function based on transformations. "
    "Scand J Stat 1990;17:35-41."
)
MANTEL_1966 = Reference(
    "Mantel N. Evaluation of survival data and two new rank order statistics arising in its consideration. "
    "Cancer Chemother Rep 1966;50:163-170."
)
SCHEMPER_SMITH_1996 = Reference(
    "Schemper M, Smith TL. A note on quantifying follow-up in studies of failure time. "
    "Control Clin Trials 1996;17:343-346.",
    "10.1016/0197-2456(96)00075-X",
)
ANDERSON_1983 = Reference(
    "Anderson JR, Cain KC, Gelber RD. Analysis of survival by tumor response. J Clin Oncol 1983;1:710-719.",
    "10.1200/JCO.1983.1.11.710",
)
COX_1972 = Reference(
    "Cox DR. Regression models and life-tables. J R Stat Soc B 1972;34:187-220.",
    "10.1111/j.2517-6161.1972.tb00899.x",
)
EFRON_1977 = Reference(
    "Efron B. The efficiency of Cox's likelihood function for censored data. J Am Stat Assoc 1977;72:557-565.",
    "10.1080/01621459.1977.10480613",
)
BRESLOW_1974 = Reference(
    "Breslow N. Covariance analysis of censored survival data. Biometrics 1974;30:89-99.",
    "10.2307/2529620",
)
HEINZE_SCHEMPER_2001 = Reference(
    "Heinze G, Schemper M. A solution to the problem of monotone likelihood in Cox regression. "
    "Biometrics 2001;57:114-119.",
    "10.1111/j.0006-341X.2001.00114.x",
)
LIN_WEI_1989 = Reference(
    "Lin DY, Wei LJ. The robust inference for the Cox proportional hazards model. J Am Stat Assoc 1989;84:1074-1078.",
    "10.1080/01621459.1989.10478874",
)
UNO_2011 = Reference(
    "Uno H, Cai T, Pencina MJ, D'Agostino RB, Wei LJ. On the C-statistics for evaluating overall adequacy of risk "
    "prediction procedures with censored survival data. Stat Med 2011;30:1105-1117.",
    "10.1002/sim.4154",
)
GRAMBSCH_THERNEAU_1994 = Reference(
    "Grambsch PM, Therneau TM. Proportional hazards tests and diagnostics based on weighted residuals. "
    "Biometrika 1994;81:515-526.",
    "10.1093/biomet/81.3.515",
)
HARRELL_1982 = Reference(
    "Harrell FE, Califf RM, Pryor DB, Lee KL, Rosati RA. Evaluating the yield of medical tests. JAMA "
    "1982;247:2543-2546.",
    "10.1001/jama.1982.03320430047030",
)
PEDUZZI_1995 = Reference(
    "Peduzzi P, Concato J, Feinstein AR, Holford TR. Importance of events per independent variable in proportional "
    "hazards regression analysis. II. Accuracy and precision of regression estimates. J Clin Epidemiol "
    "1995;48:1503-1510.",
    "10.1016/0895-4356(95)00048-8",
)

# --- multiplicity -----------------------------------------------------------------------------------------------
DUNN_1961 = Reference(
    "Dunn OJ. Multiple comparisons among means. J Am Stat Assoc 1961;56:52-64.", "10.1080/01621459.1961.10482090"
)
HOLM_1979 = Reference("Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat 1979;6:65-70.")
HOCHBERG_1988 = Reference(
    "Hochberg Y. A sharper Bonferroni procedure for multiple tests of significance. Biometrika 1988;75:800-802.",
    "10.1093/biomet/75.4.800",
)
BENJAMINI_HOCHBERG_1995 = Reference(
    "Benjamini Y, Hochberg Y. Controlling the false discovery rate: a practical and powerful approach to multiple "
    "testing. J R Stat Soc B 1995;57:289-300.",
    "10.1111/j.2517-6161.1995.tb02031.x",
)
BENJAMINI_YEKUTIELI_2001 = Reference(
    "Benjamini Y, Yekutieli D. The control of the false discovery rate in multiple testing under dependency. "
    "Ann Stat 2001;29:1165-1188.",
    "10.1214/aos/1013699998",
)

# --- competing risks --------------------------------------------------------------------------------------------
AALEN_JOHANSEN_1978 = Reference(
    "Aalen OO, Johansen S. An empirical transition matrix for non-homogeneous Markov chains based on censored "
    "observations. Scand J Stat 1978;5:141-150."
)
GRAY_1988 = Reference(
    "Gray RJ. A class of K-sample tests for comparing the cumulative incidence of a competing risk. Ann Stat "
    "1988;16:1141-1154.",
    "10.1214/aos/1176350951",
)
FINE_GRAY_1999 = Reference(
    "Fine JP, Gray RJ. A proportional hazards model for the subdistribution of a competing risk. J Am Stat Assoc "
    "1999;94:496-509.",
    "10.1080/01621459.1999.10474144",
)
PUTTER_2007 = Reference(
    "Putter H, Fiocco M, Geskus RB. Tutorial in biostatistics: competing risks and multi-state models. Stat Med "
    "2007;26:2389-2430.",
    "10.1002/sim.2712",
)
LATOUCHE_2013 = Reference(
    "Latouche A, Allignol A, Beyersmann J, Labopin M, Fine JP. A competing risks analysis should report results on all "
    "cause-specific hazards and cumulative incidence functions. J Clin Epidemiol 2013;66:648-653.",
    "10.1016/j.jclinepi.2012.09.017",
)

# --- survival curves and cutoffs for survival -----------------------------------------------------------------------
GEHAN_1965 = Reference(
    "Gehan EA. A generalized Wilcoxon test for comparing arbitrarily singly-censored samples. "
    "Biometrika 1965;52:203-223.",
    "10.1093/biomet/52.1-2.203",
)
PETO_PETO_1972 = Reference(
    "Peto R, Peto J. Asymptotically efficient rank invariant test procedures. J R Stat Soc A 1972;135:185-207.",
    "10.2307/2344317",
)
TARONE_WARE_1977 = Reference(
    "Tarone RE, Ware J. On distribution-free tests for equality of survival distributions. Biometrika 1977;64:156-160.",
    "10.1093/biomet/64.1.156",
)
FLEMING_HARRINGTON_1991 = Reference(
    "Fleming TR, Harrington DP. Counting processes and survival analysis. New York: Wiley; 1991."
)
TARONE_1975 = Reference(
    "Tarone RE. Tests for trend in life table analysis. Biometrika 1975;62:679-682.", "10.1093/biomet/62.3.679"
)
HALL_WELLNER_1980 = Reference(
    "Hall WJ, Wellner JA. Confidence bands for a survival curve from censored data. Biometrika 1980;67:133-143.",
    "10.1093/biomet/67.1.133",
)
NAIR_1984 = Reference(
    "Nair VN. Confidence bands for survival functions with censored data: a comparative study. "
    "Technometrics 1984;26:265-275."
)
ROYSTON_PARMAR_2013 = Reference(
    "Royston P, Parmar MKB. Restricted mean survival time: an alternative to the hazard ratio for the design and "
    "analysis of randomized trials with a time-to-event outcome. BMC Med Res Methodol 2013;13:152.",
    "10.1186/1471-2288-13-152",
)
UNO_2014 = Reference(
    "Uno H, Claggett B, Tian L, et al. Moving beyond the hazard ratio in quantifying the between-group difference in "
    "survival analysis. J Clin Oncol 2014;32:2380-2385.",
    "10.1200/JCO.2014.55.2208",
)
KLEIN_2007 = Reference(
    "Klein JP, Logan B, Harhoff M, Andersen PK. Analyzing survival curves at a fixed point in time. "
    "Stat Med 2007;26:4505-4519.",
    "10.1002/sim.2864",
)
MORRIS_2019 = Reference(
    "Morris TP, Jarvis CI, Cragg W, et al. Proposals on Kaplan-Meier plots in medical research and a survey of "
    "stakeholder views: KMunicate. BMJ Open 2019;9:e030215.",
    "10.1136/bmjopen-2019-030215",
)
LAUSEN_SCHUMACHER_1992 = Reference(
    "Lausen B, Schumacher M. Maximally selected rank statistics. Biometrics 1992;48:73-85.", "10.2307/2532740"
)
LAUSEN_1994 = Reference(
    "Lausen B, Sauerbrei W, Schumacher M. Classification and regression trees (CART) used for the exploration of "
    "prognostic factors measured on different scales. In: Dirschedl P, Ostermann R, eds. Computational statistics. "
    "Heidelberg: Physica; 1994:483-496."
)
HOTHORN_LAUSEN_2003 = Reference(
    "Hothorn T, Lausen B. On the exact distribution of maximally selected rank statistics. "
    "Comput Stat Data Anal 2003;43:121-137.",
    "10.1016/S0167-9473(02)00225-6",
)

# --- regression of response ---------------------------------------------------------------------------------------
FIRTH_1993 = Reference(
    "Firth D. Bias reduction of maximum likelihood estimates. Biometrika 1993;80:27-38.", "10.1093/biomet/80.1.27"
)
HEINZE_SCHEMPER_2002 = Reference(
    "Heinze G, Schemper M. A solution to the problem of separation in logistic regression. Stat Med 2002;21:2409-2419.",
    "10.1002/sim.1047",
)
PUHR_2017 = Reference(
    "Puhr R, Heinze G, Nold M, Lusa L, Geroldinger A. Firth's logistic regression with rare events: accurate effect "
    "estimates and predictions? Stat Med 2017;36:2302-2317.",
    "10.1002/sim.7273",
)
LIANG_ZEGER_1986 = Reference(
    "Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models. Biometrika 1986;73:13-22.",
    "10.1093/biomet/73.1.13",
)
MANCL_DEROUEN_2001 = Reference(
    "Mancl LA, DeRouen TA. A covariance estimator for GEE with improved small-sample properties. Biometrics "
    "2001;57:126-134.",
    "10.1111/j.0006-341X.2001.00126.x",
)
PINHEIRO_CHAO_2006 = Reference(
    "Pinheiro JC, Chao EC. Efficient Laplacian and adaptive Gaussian quadrature algorithms for multilevel generalized "
    "linear mixed models. J Comput Graph Stat 2006;15:58-81."
)
MCCULLAGH_1980 = Reference("McCullagh P. Regression models for ordinal data. J R Stat Soc B 1980;42:109-142.")
BRANT_1990 = Reference(
    "Brant R. Assessing proportionality in the proportional odds model for ordinal logistic regression. Biometrics "
    "1990;46:1171-1178.",
    "10.2307/2532457",
)
HARRELL_2015 = Reference("Harrell FE. Regression modeling strategies. 2nd ed. Cham: Springer; 2015.")
STEYERBERG_2010 = Reference(
    "Steyerberg EW, Vickers AJ, Cook NR, et al. Assessing the performance of prediction models: a framework for "
    "traditional and novel measures. Epidemiology 2010;21:128-138.",
    "10.1097/EDE.0b013e3181c30fb2",
)
PEDUZZI_1996 = Reference(
    "Peduzzi P, Concato J, Kemper E, Holford TR, Feinstein AR. A simulation study of the number of events per variable "
    "in logistic regression analysis. J Clin Epidemiol 1996;49:1373-1379.",
    "10.1016/S0895-4356(96)00236-3",
)
VENZON_MOOLGAVKAR_1988 = Reference(
    "Venzon DJ, Moolgavkar SH. A method for computing profile-likelihood-based confidence intervals. Appl Stat "
    "1988;37:87-94."
)

# --- time-dependent ROC analysis --------------------------------------------------------------------------------
UNO_2007 = Reference(
    "Uno H, Cai T, Tian L, Wei LJ. Evaluating prediction rules for t-year survivors with censored regression models. "
    "J Am Stat Assoc 2007;102:527-537.",
    "10.1198/016214507000000149",
)
BLANCHE_2013 = Reference(
    "Blanche P, Dartigues JF, Jacqmin-Gadda H. Estimating and comparing time-dependent areas under receiver operating "
    "characteristic curves for censored event times with competing risks. Stat Med 2013;32:5381-5397.",
    "10.1002/sim.5958",
)
HEAGERTY_ZHENG_2005 = Reference(
    "Heagerty PJ, Zheng Y. Survival model predictive accuracy and ROC curves. Biometrics 2005;61:92-105.",
    "10.1111/j.0006-341X.2005.030814.x",
)
SAHA_HEAGERTY_2013 = Reference(
    "Saha-Chaudhuri P, Heagerty PJ. Non-parametric estimation of a time-dependent predictive accuracy curve. "
    "Biostatistics 2013;14:42-59.",
    "10.1093/biostatistics/kxs021",
)
GRAF_1999 = Reference(
    "Graf E, Schmoor C, Sauerbrei W, Schumacher M. Assessment and comparison of prognostic classification schemes for "
    "survival data. Stat Med 1999;18:2529-2545."
)

# --- interaction of marker and treatment -------------------------------------------------------------------------
BEST_2016 = Reference(
    "FDA-NIH Biomarker Working Group. BEST (Biomarkers, EndpointS, and other Tools) resource. Silver Spring: Food and "
    "Drug Administration and National Institutes of Health; 2016."
)
POLLEY_2013 = Reference(
    "Polley MY, Freidlin B, Korn EL, Conley BA, Abrams JS, McShane LM. Statistical and practical considerations for "
    "clinical evaluation of predictive biomarkers. J Natl Cancer Inst 2013;105:1677-1683.",
    "10.1093/jnci/djt282",
)
BONETTI_GELBER_2004 = Reference(
    "Bonetti M, Gelber RD. Patterns of treatment effects in subsets of patients in clinical trials. Biostatistics "
    "2004;5:465-481.",
    "10.1093/biostatistics/kxh002",
)
JANES_2014 = Reference(
    "Janes H, Brown MD, Huang Y, Pepe MS. An approach to evaluating and comparing biomarkers for patient treatment "
    "selection. Int J Biostat 2014;10:99-121."
)


# --- kinetics and dose ------------------------------------------------------------------------------------------
BATES_WATTS_1988 = Reference(
    "Bates DM, Watts DG. Nonlinear regression analysis and its applications. New York: Wiley; 1988."
)
GABRIELSSON_WEINER_2006 = Reference(
    "Gabrielsson J, Weiner D. Pharmacokinetic and pharmacodynamic data analysis: concepts and applications. 4th ed. "
    "Stockholm: Swedish Pharmaceutical Press; 2006."
)
HURVICH_TSAI_1989 = Reference(
    "Hurvich CM, Tsai CL. Regression and time series model selection in small samples. Biometrika 1989;76:297-307.",
    "10.1093/biomet/76.2.297",
)
PATLAK_1983 = Reference(
    "Patlak CS, Blasberg RG, Fenstermacher JD. Graphical evaluation of blood-to-brain transfer constants from "
    "multiple-time uptake data. J Cereb Blood Flow Metab 1983;3:1-7.",
    "10.1038/jcbfm.1983.1",
)
PATLAK_BLASBERG_1985 = Reference(
    "Patlak CS, Blasberg RG. Graphical evaluation of blood-to-brain transfer constants from multiple-time uptake data. "
    "Generalizations. J Cereb Blood Flow Metab 1985;5:584-590.",
    "10.1038/jcbfm.1985.87",
)
BOLCH_2009 = Reference(
    "Bolch WE, Eckerman KF, Sgouros G, Thomas SR. MIRD Pamphlet No. 21: a generalized schema for radiopharmaceutical "
    "dosimetry - standardization of nomenclature. J Nucl Med 2009;50:477-484.",
    "10.2967/jnumed.108.056036",
)
SIEGEL_1999 = Reference(
    "Siegel JA, Thomas SR, Stubbs JB, et al. MIRD Pamphlet No. 16: techniques for quantitative "
    "radiopharmaceutical biodistribution data acquisition and analysis for use in human radiation dose estimates. "
    "J Nucl Med 1999;40(2 Suppl):37S-61S."
)
ICRP_103 = Reference(
    "ICRP. The 2007 recommendations of the International Commission on Radiological Protection. ICRP Publication 103. "
    "Ann ICRP 2007;37(2-4)."
)
ICRP_60 = Reference(
    "ICRP. 1990 recommendations of the International Commission on Radiological Protection. ICRP Publication 60. "
    "Ann ICRP 1991;21(1-3)."
)
HELSEL_2012 = Reference(
    "Helsel DR. Statistics for censored environmental data using Minitab and R. 2nd ed. Hoboken: Wiley; 2012."
)
COHEN_1959 = Reference(
    "Cohen AC. Simplified estimators for the normal distribution when samples are singly censored or truncated. "
    "Technometrics 1959;1:217-237."
)

# response criteria
SEYMOUR_2017 = Reference(
    "Seymour L, Bogaerts J, Perrone A, et al. iRECIST: guidelines for response criteria for use in trials testing "
    "immunotherapeutics. Lancet Oncol 2017;18:e143-e152.",
    "10.1016/S1470-2045(17)30074-8",
)
WAHL_2009 = Reference(
    "Wahl RL, Jacene H, Kasamon Y, Lodge MA. From RECIST to PERCIST: evolving considerations for PET response criteria "
    "in solid tumors. J Nucl Med 2009;50 Suppl 1:122S-150S.",
    "10.2967/jnumed.108.057307",
)
FISHER_1935 = Reference("Fisher RA. The logic of inductive inference. J R Stat Soc 1935;98:39-54.")

# reporting guidelines
BOSSUYT_2015 = Reference(
    "Bossuyt PM, Reitsma JB, Bruns DE, et al. STARD 2015: an updated list of essential items for reporting diagnostic "
    "accuracy studies. BMJ 2015;351:h5527.",
    "10.1136/bmj.h5527",
)
MCSHANE_2005 = Reference(
    "McShane LM, Altman DG, Sauerbrei W, et al. REporting recommendations for tumour MARKer prognostic studies "
    "(REMARK). Br J Cancer 2005;93:387-391.",
    "10.1038/sj.bjc.6602678",
)
ALTMAN_2012 = Reference(
    "Altman DG, McShane LM, Sauerbrei W, Taube SE. Reporting recommendations for tumor marker prognostic studies "
    "(REMARK): explanation and elaboration. PLoS Med 2012;9:e1001216.",
    "10.1371/journal.pmed.1001216",
)
KOTTNER_2011 = Reference(
    "Kottner J, Audigé L, Brorson S, et al. Guidelines for reporting reliability and agreement studies (GRRAS) were "
    "proposed. J Clin Epidemiol 2011;64:96-106.",
    "10.1016/j.jclinepi.2010.03.002",
)
COLLINS_2024 = Reference(
    "Collins GS, Moons KGM, Dhiman P, et al. TRIPOD+AI statement: updated guidance for reporting clinical prediction "
    "models that use regression or machine learning methods. BMJ 2024;385:e078378.",
    "10.1136/bmj-2023-078378",
)
OBUCHOWSKI_2016 = Reference(
    "Obuchowski NA, Buckler A, Kinahan P, et al. Statistical issues in testing conformance with the Quantitative "
    "Imaging Biomarker Alliance (QIBA) profile claims. Acad Radiol 2016;23:496-506.",
    "10.1016/j.acra.2015.12.020",
)
