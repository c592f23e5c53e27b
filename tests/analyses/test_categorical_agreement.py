"""categorical_agreement: published examples end to end, nesting, sessions, properties and refusals."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import biomarker as bm
from biomarker.errors import DesignError, SmallSampleWarning
from biomarker.kernels.kappa import cohen_kappa
from biomarker.kernels.proportion import wilson_interval

PREGNANCIES = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
OBSERVERS = [
    [1, 1, None, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4], [4, 4, 4, 4], [1, 1, 2, 1],
    [2, 2, 2, 2], [None, 5, 5, 5], [None, None, 1, 1], [None, None, 3, None],
]  # fmt: skip


def long(rows, names="ABCD", column="category"):
    """Return a table of items by readers as one row a rating."""
    wide = pd.DataFrame(rows, columns=list(names[: len(rows[0])])).rename_axis("lesion_id").reset_index()
    return wide.melt("lesion_id", var_name="reader_id", value_name=column)


def from_table(table, labels="abc"):
    return long([(labels[i], labels[j]) for (i, j), n in np.ndenumerate(np.array(table)) for _ in range(n)])


def trial(n_patients=12, n_readers=3, seed=1):
    """Return graded lesions nested in patients, by readers who differ by chance."""
    rng = np.random.default_rng(seed)
    patients = np.repeat([f"P{number:02d}" for number in range(n_patients)], 4)
    lesions = np.tile(["L1", "L2", "L3", "L4"], n_patients)
    uptake = rng.normal(size=patients.size) + rng.normal(size=n_patients).repeat(4)
    grades = [np.searchsorted([-1, 0, 1], uptake + 0.4 * rng.normal(size=uptake.size)) for _ in range(n_readers)]
    return pd.concat(
        [
            pd.DataFrame({"patient_id": patients, "lesion_id": lesions, "reader_id": f"R{number + 1}", "category": own})
            for number, own in enumerate(grades)
        ],
        ignore_index=True,
    )


def test_two_readers_as_published():
    # Gwet 2014: kappa 0.79641 (SE 0.05891), AC1 0.84933, pi 0.79624, Brennan-Prediger 0.835, alpha 0.79726, 89 %
    result = bm.categorical_agreement(from_table(PREGNANCIES), value="category", patient=None)
    published = {
        "percent_agreement": 0.89, "cohen_kappa": 0.7964094, "gwet_ac1": 0.8493305, "fleiss_kappa": 0.7962397,
        "brennan_prediger": 0.835, "krippendorff_alpha": 0.7972585,
    }  # fmt: skip
    for quantity, value in published.items():
        assert result.estimate(quantity).value == pytest.approx(value, abs=5e-8)
    errors = cohen_kappa(PREGNANCIES)
    for hypothesis, value in (("none", errors.standard_error), ("chance agreement", errors.null_error)):
        found = result.estimate("standard_error", coefficient="cohen_kappa", hypothesis=hypothesis)
        assert found.value == pytest.approx(value)
    kappa = result.estimate("cohen_kappa")
    assert kappa.statistic == pytest.approx(errors.value / errors.null_error)
    assert kappa.n == 100
    share = result.estimate("percent_agreement")
    assert (share.low, share.high) == pytest.approx(wilson_interval(89, 100))
    # categories stand in the order of the alphabet, readers likewise
    assert result.counts.tolist() == PREGNANCIES


def test_four_readers_with_ratings_missing_as_published():
    result = bm.categorical_agreement(long(OBSERVERS), value="category", level="all", patient=None)
    assert result.estimate("gwet_ac1").value == pytest.approx(0.77544, abs=5e-6)
    assert result.estimate("fleiss_kappa").value == pytest.approx(0.76117, abs=5e-6)
    kappa = next(line for line in result.estimates if line.quantity == "conger_kappa")
    assert kappa.value == pytest.approx(0.76282, abs=5e-6)
    for level, value in {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849, "ratio": 0.797}.items():
        assert result.estimate("krippendorff_alpha", level=level).value == pytest.approx(value, abs=5e-4)
    assert (
        len([line for line in result.estimates if "readers" in line.of]) == 6 * 2 + 6 * 2
    )  # shares, kappas and errors
    assert any("1 of 12 lesions were rated by one reader only" in note for note in result.method.notes)
    assert result.population.exclusions[0].n == 7  # cells without a rating


def test_perfect_agreement_is_one_with_an_interval():
    result = bm.categorical_agreement(from_table([[6, 0, 0], [0, 5, 0], [0, 0, 4]]), value="category", patient=None)
    for quantity in ("percent_agreement", "cohen_kappa", "fleiss_kappa", "gwet_ac1", "krippendorff_alpha"):
        line = result.estimate(quantity)
        assert (line.value, line.high) == (1, 1)
        assert 0.4 < line.low < 0.9
    assert any("exact upper limit" in note for note in result.method.notes)
    assert result.estimate("cohen_kappa").p_value < 0.001


def test_everybody_in_one_category():
    data = long([("seen", "seen")] * 8)
    result = bm.categorical_agreement(data, value="category", categories=["seen", "not seen"], patient=None)
    assert result.estimate("percent_agreement").value == result.estimate("gwet_ac1").value == 1
    for quantity in ("cohen_kappa", "fleiss_kappa", "krippendorff_alpha"):
        assert np.isnan(result.estimate(quantity).value)
    assert any("undefined (NE)" in note for note in result.method.notes)
    assert "Chosen by nobody: not seen." in result.method.notes


def test_a_category_that_nobody_chose_counts_where_it_matters():
    data = from_table([[40, 9], [6, 45]])
    two = bm.categorical_agreement(data, value="category", patient=None)
    three = bm.categorical_agreement(data, value="category", categories=["a", "b", "c"], weights="linear", patient=None)
    assert three.estimate("gwet_ac1").value > two.estimate("gwet_ac1").value
    assert three.estimate("cohen_kappa", weights="none").value == pytest.approx(two.estimate("cohen_kappa").value)
    # a step of one in three categories is half of the way
    assert three.estimate("percent_agreement", weights="linear").value == pytest.approx(1 - 0.15 / 2)
    assert {line.quantity for line in two.estimates} >= {"prevalence_index", "bias_index"}
    assert two.estimate("prevalence_index").value == pytest.approx(-0.05)


def test_numbers_keep_their_distance_and_gaps_are_noted():
    data = long([(0, 0), (1, 1), (3, 1), (3, 3), (0, 1)])
    result = bm.categorical_agreement(data, value="category", weights="linear", patient=None)
    assert result.categories == ("0", "1", "3")
    # disagreements of 2 and 1 out of 3, over five items
    assert result.estimate("percent_agreement", weights="linear").value == pytest.approx(1 - (2 + 1) / 3 / 5)
    assert any("Nobody chose 2" in note for note in result.method.notes)
    full = bm.categorical_agreement(data, value="category", categories=[0, 1, 2, 3], patient=None)
    assert "Chosen by nobody: 2." in full.method.notes


def test_given_weights_and_the_same_by_name():
    data = trial()
    named = bm.categorical_agreement(data, value="category", weights="quadratic")
    table = [[1 - ((i - j) / 3) ** 2 for j in range(4)] for i in range(4)]
    given_table = bm.categorical_agreement(data, value="category", weights=table)
    for quantity in ("fleiss_kappa", "gwet_ac2", "brennan_prediger"):
        expected = named.estimate(quantity, weights="quadratic")
        found = given_table.estimate(quantity, weights="given")
        assert (found.value, found.low, found.high) == pytest.approx((expected.value, expected.low, expected.high))


def test_lesions_are_nested_and_may_be_numbered_anew():
    nested = bm.categorical_agreement(trial(), value="category")
    unique = trial().assign(lesion_id=lambda rows: rows["patient_id"] + rows["lesion_id"])
    naive = bm.categorical_agreement(unique, value="category", patient=None)
    first, second = (one.estimate("fleiss_kappa", weights="none") for one in (nested, naive))
    assert first.value == pytest.approx(second.value)
    assert (first.n, first.n_patients) == (48, 12)
    assert first.df == 11
    assert second.n_patients is None
    assert "Lesions are treated as independent of one another." in naive.method.notes
    assert "nested in patients" in nested.method.description


def test_sessions_and_reference_reader():
    two = pd.concat([trial(seed=1).assign(session=1), trial(seed=1).assign(session="2")])
    result = bm.categorical_agreement(two, value="category", session="session", reference_reader="R2")
    assert result.sessions == ("1", "2")
    within = result.estimate("percent_agreement", reader="R1")
    assert (within.value, within.n) == (1, 48)  # the second session repeats the first
    once = bm.categorical_agreement(trial(seed=1), value="category")
    for session in ("1", "2"):
        found = result.estimate("conger_kappa", session=session)
        expected = next(line for line in once.estimates if line.quantity == "conger_kappa")
        assert (found.value, found.low, found.high) == pytest.approx((expected.value, expected.low, expected.high))
    pairs = {line.of["readers"] for line in result.estimates if "readers" in line.of}
    assert pairs == {"R2 - R1", "R2 - R3"}
    assert all(line.of["reference"] == "R2" for line in result.estimates if "readers" in line.of)


def test_patients_are_rated():
    data = trial().groupby(["patient_id", "reader_id"], as_index=False)["category"].max()
    result = bm.categorical_agreement(data, value="category", item="patient_id")
    assert result.item_word == "patient"
    assert result.estimate("fleiss_kappa").n == 12
    assert not any("independent" in note for note in result.method.notes)


def test_a_reader_who_rated_nothing_is_named():
    silent = pd.DataFrame({"lesion_id": [0, 1], "reader_id": "Z", "category": None})
    data = pd.concat([from_table(PREGNANCIES), silent])
    result = bm.categorical_agreement(data, value="category", patient=None)
    assert "No rating at all by Z." in result.method.notes
    with pytest.raises(DesignError, match="'Z' has no rating at all"):
        bm.categorical_agreement(data, value="category", readers=["A", "Z"], patient=None)


def test_few_patients_warn():
    with pytest.warns(SmallSampleWarning, match="Only 4 patients"):
        bm.categorical_agreement(trial(4), value="category")


@given(st.integers(0, 10**6), st.permutations(["1", "2", "3", "4"]))
@settings(max_examples=15, deadline=None)
def test_neither_row_order_nor_names_matter(seed, names):
    data = trial(8, seed=seed % 50).astype({"category": str})
    expected = bm.categorical_agreement(data, value="category")
    renamed = data.assign(category=data["category"].map(dict(zip(["0", "1", "2", "3"], names, strict=True))))
    shuffled = renamed.sample(frac=1, random_state=seed % 97)
    found = bm.categorical_agreement(shuffled, value="category")
    for quantity in ("conger_kappa", "fleiss_kappa", "gwet_ac1"):
        one, other = (
            next(line for line in result.estimates if line.quantity == quantity) for result in (expected, found)
        )
        assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high), abs=1e-9)


@pytest.mark.parametrize(
    ("data", "arguments", "message"),
    [
        (from_table(PREGNANCIES).query("reader_id == 'A'"), {}, "at least 2 readers"),
        (from_table(PREGNANCIES).query("lesion_id == 0"), {}, "1 lesion was rated by two readers or more"),
        (pd.concat([from_table(PREGNANCIES)] * 2), {}, "reader A has more than one rating of lesion_id 0"),
        (
            pd.concat([from_table(PREGNANCIES).assign(session=number) for number in (1, 2)]),
            {},
            'give session="session"',
        ),
        (from_table(PREGNANCIES), {"weights": "linear"}, "needs the order of the categories"),
        (from_table(PREGNANCIES), {"weights": "linaer"}, "did you mean 'linear'"),
        (from_table(PREGNANCIES), {"weights": [[1, 0], [0, 1]], "categories": list("abc")}, "give 3 rows of 3 numbers"),
        (
            from_table(PREGNANCIES),
            {"weights": [[1, 0.5, 0], [0.4, 1, 0], [0, 0, 1]], "categories": list("abc")},
            "not symmetric: a with b is 0.5, the other way round 0.4",
        ),
        (
            from_table(PREGNANCIES),
            {"weights": [[0, 1, 1], [1, 0, 1], [1, 1, 0]], "categories": list("abc")},
            "weights of disagreement: give 1 - w",
        ),
        (
            from_table(PREGNANCIES),
            {"weights": [[1, 2, 0], [2, 1, 0], [0, 0, 1]], "categories": list("abc")},
            "outside 0 to 1",
        ),
        (from_table(PREGNANCIES), {"weights": 2, "categories": list("abc")}, "no table of numbers"),
        (from_table(PREGNANCIES), {"categories": ["a", "b"]}, "categories lacks 'c'"),
        (from_table(PREGNANCIES), {"categories": ["a", "a", "b", "c"]}, "each once"),
        (from_table(PREGNANCIES), {"categories": "abc"}, "give a list of every category"),
        (long([(1, 1), (2, 2), ("B", 2)]), {"weights": "quadratic"}, "which holds 1, 2, B"),
        (from_table(PREGNANCIES), {"level": "interval"}, "needs categories that are numbers"),
        (from_table(PREGNANCIES), {"level": "ordinary"}, "no level 'ordinary'"),
        (from_table(PREGNANCIES), {"level": "ordinal"}, "needs the order"),
        (long([(-1, 1), (1, -1)]), {"level": "ratio"}, "categories of 0 or more"),
        (from_table(PREGNANCIES), {"reference_reader": "D"}, "no reader 'D'"),
        (from_table(PREGNANCIES), {"readers": ["A", "D"]}, "no reader 'D'"),
        (from_table(PREGNANCIES), {"value": "reader_id"}, "two things at once"),
        (from_table(PREGNANCIES), {"confidence_level": 95}, "give a fraction"),
        (long([(i, i) for i in range(60)]), {}, "at most 50"),
        (from_table(PREGNANCIES).iloc[:0], {}, "no rows"),
    ],
)
def test_refused(data, arguments, message):
    with pytest.raises(DesignError, match=message):
        bm.categorical_agreement(data, **{"value": "category", "patient": None, **arguments})


def test_types_of_the_column():
    text = bm.categorical_agreement(from_table(PREGNANCIES), value="category", patient=None)
    ordered = from_table(PREGNANCIES)
    ordered["category"] = pd.Categorical(ordered["category"], ["c", "a", "b", "z"], ordered=True)
    graded = bm.categorical_agreement(ordered, value="category", weights="linear", patient=None)
    assert graded.categories == ("c", "a", "b", "z")
    assert graded.estimate("cohen_kappa", weights="none").value == pytest.approx(text.estimate("cohen_kappa").value)
    for values in ([True, False, True, True], pd.array([1, 2, 1, 1], dtype="Int64"), [1e300, 1.0, 1e300, 1e300]):
        data = pd.DataFrame({"lesion_id": [0, 1, 0, 1], "reader_id": list("AABB"), "category": values})
        with pytest.warns(SmallSampleWarning):
            result = bm.categorical_agreement(data, value="category", level="all", patient=None)
        assert result.estimate("percent_agreement").value == 0.5


def test_agreement_on_a_category_rests_on_the_items_put_there():
    # ectopic: 13 items, always by both; the exact limit is that of 13 items, not of 100
    result = bm.categorical_agreement(from_table(PREGNANCIES), value="category", patient=None)
    line = result.estimate("specific_agreement", category="a")
    assert (line.value, line.high, line.n) == (1, 1, 13)
    assert line.low == pytest.approx(0.025 ** (1 / 13))
    assert result.estimate("specific_agreement", category="b").value == pytest.approx(40 / 51)


def test_a_category_of_one_lesion_does_not_make_all_lesions_one_patients():
    ratings = pd.DataFrame(
        {
            "lesion_id": [1, 1, 2, 2, 3, 3, 4, 4],
            "reader_id": ["A", "B"] * 4,
            "call": ["x", "x", "x", "x", "x", "x", "y", "y"],
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SmallSampleWarning)
        alone = bm.categorical_agreement(ratings, value="call", patient=None)
        owned = bm.categorical_agreement(ratings.assign(patient_id=[1, 1, 1, 1, 2, 2, 3, 3]), value="call")
    for found, what in ((alone, "one lesion"), (owned, "lesions of one patient")):
        notes = " ".join(found.method.notes)
        assert "All items are of one patient" not in notes
        assert f"A category that was chosen in {what} only has no interval." in notes
