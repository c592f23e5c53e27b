"""Pseudonyms for identifiers: the same for one identifier and key wherever it stands, and none without the key."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from hashlib import sha256

import pandas as pd

from biomarker.errors import DesignError, nearest

SHORTEST_KEY = 16  # characters: a key that can be guessed hides nothing
LENGTH = 10  # letters and digits of a pseudonym, 50 bits: of 100,000 patients, two share one in 1 of 200,000 trials


def pseudonymise(frame: pd.DataFrame, columns: Sequence[str] | str, *, key: str) -> pd.DataFrame:
    """Replace identifiers by pseudonyms (HMAC-SHA-256 with a secret key) [1]_.

    Parameters
    ----------
    frame : DataFrame
    columns : str or list of str
        Columns of identifiers, read as text with outer spaces left out; missing values stay missing.
    key : str
        Secret, at least 16 characters. The same key gives the same pseudonyms in every table and every run; keep it
        apart from the output.

    Returns
    -------
    DataFrame
        A copy; pseudonyms are ten letters and digits.

    Raises
    ------
    DesignError
        If a column is unknown, the key too short, or two identifiers would share a pseudonym.

    References
    ----------
    .. [1] Krawczyk H, Bellare M, Canetti R. HMAC: keyed-hashing for message authentication. RFC 2104, 1997.

    Examples
    --------
    >>> frame = pd.DataFrame({"patient_id": ["P01", "P02", "P01"]})
    >>> hidden = pseudonymise(frame, "patient_id", key="a key that nobody guesses")
    >>> hidden["patient_id"].nunique(), hidden["patient_id"].iloc[0] == hidden["patient_id"].iloc[2]
    (2, True)
    """
    names = [columns] if isinstance(columns, str) else list(columns)
    known = [str(column) for column in frame.columns]
    if absent := [name for name in names if name not in known]:
        raise DesignError(f"there is no column {absent[0]!r}{nearest(absent[0], known)}; there are {', '.join(known)}")
    secret = checked_key(key)
    return frame.assign(**{name: _hidden(frame[name], secret) for name in names})


def checked_key(key: object) -> bytes:
    """Return a key as bytes, or refuse one that is too short."""
    if not isinstance(key, str) or len(key.strip()) < SHORTEST_KEY:
        raise DesignError(f"the key of pseudonyms has fewer than {SHORTEST_KEY} characters; give a long random one")
    return key.strip().encode()


def fingerprint(key: str) -> str:
    """Return what tells one key from another without giving it away, for the record of a run."""
    return _digest(checked_key(key), "fingerprint of the key")


def _hidden(column: pd.Series, key: bytes) -> pd.Series:
    known = {value: _digest(key, _text(value)) for value in pd.unique(column.dropna())}
    texts = {_text(value) for value in known}
    if len(set(known.values())) < len(texts):  # a longer one in this table alone would part it from the others
        raise DesignError(f"two of {column.name!r} have the same pseudonym under this key; use another key")
    return column.map(known).astype(object)


def _text(value: object) -> str:
    """Return an identifier as text: 7, 7.0 and "7 " are one patient."""
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    return text.strip()


def _digest(key: bytes, text: str) -> str:
    return base64.b32encode(hmac.new(key, text.encode(), sha256).digest()).decode()[:LENGTH]
