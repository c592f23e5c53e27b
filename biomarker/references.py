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
