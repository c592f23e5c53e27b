import pytest

from biomarker.study.report.nuclides import raised_mass_numbers


@pytest.mark.parametrize(
    ("text", "raised"),
    [
        ("89Zr-trastuzumab", ["89"]),
        ("[18F]FDG and 68Ga-PSMA-11", ["18", "68"]),
        ("99mTc, 177Lu, 124I", ["99m", "177", "124"]),
        ("24h, 48 h, patient 7C, 18FDG, 189Zr, 1.18F, 11Co", []),
        ("", []),
    ],
)
def test_only_nuclides_are_raised(text, raised):
    pieces = raised_mass_numbers(text)
    assert [piece for piece, is_raised in pieces if is_raised] == raised
    assert "".join(piece for piece, _ in pieces) == text
