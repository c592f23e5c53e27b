import pandas as pd

from biomarker import participant_flow


def scans(**more) -> pd.DataFrame:
    frame = {
        "patient_id": ["a", "a", "b", "c", "c", "d"],
        "lesion_id": [1, 2, 1, 1, 2, 1],
        "scanned": [True, True, True, True, True, False],
        "suvmax": [9.0, 3.0, None, 8.0, 2.0, None],
        "status": ["responding", "stable", "stable", None, "stable", None],
    }
    return pd.DataFrame(frame | more)


def flow_of(frame: pd.DataFrame, **arguments):
    return participant_flow(
        frame, steps=["scanned"], marker="suvmax", cutoff=5, reference_standard="status", positive="responding",
        **arguments,
    )  # fmt: skip


def test_snapshot():
    assert (
        flow_of(scans()).table().to_markdown()
        == """**Flow of lesions**

| Step                              | Lesions | Patients |
|-----------------------------------|--------:|---------:|
| In the table                      |       6 |        4 |
|   Left out: not scanned           |       1 |        1 |
| Scanned                           |       5 |        3 |
|   Left out: with SUVmax missing   |       1 |        1 |
| With SUVmax                       |       4 |        2 |
| **SUVmax ≥ 5: positive**          |         |          |
|   In all                          |       2 |        2 |
|     Left out: with status missing |       1 |        1 |
|   With status                     |       1 |        1 |
|     Target condition present      |       1 |        1 |
|     Target condition absent       |       0 |        0 |
| **SUVmax < 5: negative**          |         |          |
|   In all                          |       2 |        2 |
|   With status                     |       2 |        2 |
|     Target condition present      |       0 |        0 |
|     Target condition absent       |       2 |        2 |

Each left once, at the first step not passed.

Positive class of status: responding; negative: stable.

A patient is counted wherever one of their lesions is, so that patients of several boxes can add up to more than there \
are.

3 lesions in 2 patients analysed, of 6 lesions in 4 patients; excluded: 1 not scanned, 1 with SUVmax missing, 1 with \
status missing.
"""
    )


def test_patients_have_no_second_column():
    table = flow_of(scans(patient_id=list("abcdef"))).table()
    assert table.header == ("Step", "Patients")
