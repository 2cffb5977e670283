"""The errors of the toolkit: each says what is wrong, where, and how to mend it."""

from __future__ import annotations


class QinshuiGeoError(Exception):
    """Base of every error that the toolkit raises on purpose.

    Parameters
    ----------
    what : str
        What is wrong, in one sentence without a full stop.
    where : str, optional
        File, layer, row, field or key at which it was found.
    mend : str, optional
        What the user can do about it.

    Examples
    --------
    >>> print(QinshuiGeoError("no park layer", where="osm.pbf", mend="bring one"))
    no park layer (osm.pbf). Mend: bring one
    """

    def __init__(self, what: str, *, where: str | None = None, mend: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.mend = mend

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        mend = f". Mend: {self.mend}" if self.mend else ""
        return f"{self.what}{place}{mend}"


class ProfileError(QinshuiGeoError):
    """A county profile is missing, unreadable or contradicts itself."""


class PlanError(QinshuiGeoError):
    """A target registry is missing, unreadable or contradicts itself."""


class SourceError(QinshuiGeoError):
    """A source file or service is missing, unreadable, empty or in the wrong form."""


class LayerError(QinshuiGeoError):
    """A layer lacks what the measurement needs, or does not fit the county."""


class CRSError(QinshuiGeoError):
    """Coordinates are in degrees, in a distorting projection or on another datum."""


class OutputError(QinshuiGeoError):
    """A result could not be written; what stood there before is untouched."""


class QinshuiGeoWarning(UserWarning):
    """The result stands, with a reservation that is also in its notes."""
