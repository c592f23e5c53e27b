"""Half-lives of three evaluations, for tests of the table of nuclides.

Run: ``pip install paceensdf==0.6.3 mendeleev==1.3.0 radioactivedecay==0.6.1``, then ``python half_lives.py >
half_lives.csv`` with the packages on the path. paceENSDF holds the decay data sets of ENSDF as of September 2023,
mendeleev the half-lives of NUBASE2020 (Kondev 2021), radioactivedecay those of ICRP Publication 107.
"""

import json
import re
import sys
from pathlib import Path

import paceENSDF
import radioactivedecay
from mendeleev import isotope

from biomarker.kernels.nuclides import NUCLIDES

HOURS = {"s": 1 / 3600, "sec": 1 / 3600, "min": 1 / 60, "minute": 1 / 60, "h": 1, "hour": 1, "d": 24, "day": 24}
EXPECTED = 0.05  # tells the ground state from an isomer of the same mass number


def ensdf(symbol, mass, hours):
    """Return the half-life and its uncertainty of the parent of a decay data set, as ENSDF writes them."""
    folder = Path(paceENSDF.__file__).parent / "ENSDF_JSON"
    found = set()
    for file in folder.glob(f"*_input_{symbol}{mass}_*.json"):
        for parent in json.loads(file.read_text())["parentDecay"]:
            for life in parent["halfLife"]:
                value, unit = life["halfLifeBest"], life["unitHalfLifeBest"]
                if unit in HOURS and abs(value * HOURS[unit] / hours - 1) < EXPECTED:
                    found.add((value, life["dHalfLifeBest"], unit))
    return found


def main():
    print("nuclide,evaluation,half_life,uncertainty,unit")
    for name in NUCLIDES:
        mass, isomer, symbol = re.fullmatch(r"(\d+)(m?)([A-Z][a-z]?)", name).groups()
        hours = radioactivedecay.Nuclide(f"{symbol}-{mass}{isomer}").half_life("h")
        for value, uncertainty, unit in sorted(ensdf(symbol, mass, hours)):
            print(f"{name},ENSDF,{value},{uncertainty},{unit}")
        if not isomer:
            one = isotope(symbol, int(mass))
            unit = {"minute": "min", "hour": "h", "day": "d", "sec": "s"}[one.half_life_unit]
            print(f"{name},NUBASE2020,{one.half_life},{one.half_life_uncertainty},{unit}")
        print(f"{name},ICRP 107,{hours:.10g},,h")


if __name__ == "__main__":
    sys.exit(main())
