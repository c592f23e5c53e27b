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
    "Wilson EB. Probable inference, the law of succession, and statistical inference. "
    "J Am Stat Assoc 1927;22:209-212.",
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
