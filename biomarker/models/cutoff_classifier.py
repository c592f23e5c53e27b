"""A cutoff as a scikit-learn estimator: it sits in a pipeline, and resamples whole patients when it is fitted."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from biomarker.errors import DesignError
from biomarker.kernels.cutoff import CutoffRule, Ties, choose_cutoff, resample_cutoffs
from biomarker.kernels.cutoff_criteria import CRITERIA, CriterionSettings
from biomarker.kernels.optimism import bootstrap_632_plus, performance
from biomarker.kernels.resampling import expanded_level, percentile_interval
from biomarker.kernels.weighted_roc import marker_rows


class CutoffClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Call positive what reaches a cutoff of one feature, the cutoff chosen on the training data.

    Parameters
    ----------
    criterion : str
        What the cutoff is best at; see `biomarker.suv_cutoff`.
    minimum : float, optional
        The sensitivity, specificity, PPV or NPV that some criteria demand.
    prevalence : float, optional
        Prevalence at which cost, PPV and NPV are weighed.
    cost_ratio : float
        Cost of a false negative in false positives.
    minimum_share : float
        Least share of the rows on either side of the cutoff.
    ties : {"middle", "most_sensitive", "most_specific"}
        Which of tied optima is taken.
    smoothing : {"none", "kernel"}
        Whether each class is smoothed before cutoffs are compared.
    higher_is_positive : bool
        Whether high values speak for the positive class, the second of the sorted `classes_`.
    feature : int
        Which column of `X` is the marker.
    n_resamples : int
        Bootstrap resamples of whole patients when fitted; 0 for none.
    confidence_level : float
        Of `cutoff_interval_`.
    random_state : int
        Seed of the resamples.

    Attributes
    ----------
    cutoff_ : float
    tied_cutoffs_ : ndarray of float
        Every optimum; `cutoff_` is one of them.
    cutoff_interval_ : tuple of float
        Expanded percentile interval; NaN without resamples.
    resampled_cutoffs_ : ndarray of float, shape (n_resamples,)
    apparent_youden_, corrected_youden_ : float
        Youden's J in the training data, and after the .632+ bootstrap has removed its optimism (NaN without resamples).
    classes_ : ndarray
        The two classes, the positive one last.
    n_features_in_ : int

    Examples
    --------
    >>> X = [[1.0], [2.0], [4.0], [3.0], [5.0], [6.0]]
    >>> model = CutoffClassifier(n_resamples=200).fit(X, [0, 0, 0, 1, 1, 1], groups=["a", "a", "b", "b", "c", "c"])
    >>> model.cutoff_
    3.0
    >>> model.predict([[2.9], [3.0]]).tolist()
    [0, 1]
    """

    def __init__(
        self,
        *,
        criterion: str = "youden",
        minimum: float | None = None,
        prevalence: float | None = None,
        cost_ratio: float = 1.0,
        minimum_share: float = 0.0,
        ties: Ties = "middle",
        smoothing: str = "none",
        higher_is_positive: bool = True,
        feature: int = 0,
        n_resamples: int = 0,
        confidence_level: float = 0.95,
        random_state: int = 0,
    ) -> None:
        self.criterion = criterion
        self.minimum = minimum
        self.prevalence = prevalence
        self.cost_ratio = cost_ratio
        self.minimum_share = minimum_share
        self.ties = ties
        self.smoothing = smoothing
        self.higher_is_positive = higher_is_positive
        self.feature = feature
        self.n_resamples = n_resamples
        self.confidence_level = confidence_level
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Choose the cutoff, and choose it anew in resamples of whole patients.

        Parameters
        ----------
        X : array_like of float, shape (n_rows, n_features)
        y : array_like, shape (n_rows,)
            Two classes; the one that sorts last is positive.
        groups : array_like, shape (n_rows,), optional
            The patient of each row; without it rows are independent.

        Returns
        -------
        CutoffClassifier

        Raises
        ------
        DesignError
            If there are not two classes, or no cutoff meets the criterion.
        """
        checked: tuple[NDArray[Any], NDArray[Any]] = validate_data(self, X, y, dtype="numeric")
        features, target = checked
        check_classification_targets(target)
        self.classes_, codes = np.unique(target, return_inverse=True)
        self._check_classes(target)
        rule = self._rule()
        rows = marker_rows(self._marker(features), codes == 1, groups, higher_is_positive=self.higher_is_positive)
        chosen = choose_cutoff(rows, rule)
        if np.isnan(chosen.cutoff):
            raise DesignError(f"no cutoff meets criterion={self.criterion!r} with minimum={self.minimum}")
        resampled = resample_cutoffs(rows, rule, self.n_resamples, self.random_state)
        level = expanded_level(self.confidence_level, rows.n_patients)
        apparent = performance(chosen.counts)
        corrected = bootstrap_632_plus(apparent, resampled, float(codes.mean())).youden
        self.cutoff_ = chosen.cutoff
        self.tied_cutoffs_ = chosen.tied
        low, high = percentile_interval(resampled.cutoffs, level)
        self.cutoff_interval_ = float(low), float(high)
        self.resampled_cutoffs_ = resampled.cutoffs
        self.apparent_youden_ = float(apparent.youden)
        self.corrected_youden_ = float(corrected) if self.n_resamples else float("nan")
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return how far each row lies beyond the cutoff on the positive side, in the marker's unit.

        Parameters
        ----------
        X : array_like of float, shape (n_rows, n_features)

        Returns
        -------
        ndarray of float, shape (n_rows,)
            Above 0 where positive; at the cutoff itself the smallest positive number.
        """
        check_is_fitted(self)
        checked: NDArray[Any] = validate_data(self, X, dtype="numeric", reset=False)
        beyond = self._marker(checked) - self.cutoff_
        beyond = beyond if self.higher_is_positive else -beyond
        return np.where(beyond == 0, np.finfo(float).tiny, beyond)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the class of each row: positive where ``marker >= cutoff_`` (or ``<=``).

        Parameters
        ----------
        X : array_like of float, shape (n_rows, n_features)

        Returns
        -------
        ndarray, shape (n_rows,)
        """
        is_positive = self.decision_function(X) > 0
        return np.asarray(self.classes_[is_positive.astype(np.int64)])

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn's own record
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.poor_score = True  # one feature, which need not be the one that separates
        return tags

    def _check_classes(self, y: NDArray[Any]) -> None:
        if self.classes_.size > 2:
            raise DesignError(
                f"Only binary classification is supported. The type of the target is {type_of_target(y)}."
            )
        if self.classes_.size < 2:
            raise DesignError("a cutoff needs rows of two classes; there is 1 class")

    def _marker(self, X: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray(X[:, self.feature], float)

    def _rule(self) -> CutoffRule:
        settings = CriterionSettings(
            minimum=float("nan") if self.minimum is None else self.minimum,
            prevalence=float("nan") if self.prevalence is None else self.prevalence,
            cost_ratio=self.cost_ratio,
        )
        if self.criterion not in CRITERIA:
            raise DesignError(f"no criterion {self.criterion!r}; there are {', '.join(CRITERIA)}")
        smoothing = "kernel" if self.smoothing == "kernel" else "none"
        return CutoffRule(
            criterion=self.criterion,
            settings=settings,
            ties=self.ties,
            minimum_share=self.minimum_share,
            smoothing="kernel" if smoothing == "kernel" else "none",
        )
