"""What a figure is: a value with its unit, its sources, its range and its reservations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

Confidence = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A finite number with its unit.

    Units are the spellings of the target registry: ``km2``, ``m2``, ``m2/person``, ``percent``,
    ``person``, ``m``, ``km``, ``mm``, ``ratio``, ``count``.

    Raises
    ------
    ValueError
        If the value is not finite: what cannot be measured is ``None``, not NaN.
    """

    value: float
    unit: str

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"a quantity must be finite, got {self.value!r} {self.unit}")


@dataclass(frozen=True, slots=True)
class Note:
    """One reservation or explanation, in both languages of the report."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a layer came from.

    Parameters
    ----------
    layer : str
        Name of the layer it speaks of, as in :class:`qinshui_geo.layers.CountyLayers`.
    origin : str
        Publisher and product, or the file name where nothing better is known.
    licence : str, optional
        Licence or terms, ``None`` when not known.
    as_of : str, optional
        ISO date (or year) of the data, ``None`` when not known.
    sha256 : str, optional
        Checksum of the file that was read.
    synthetic : bool
        True for made-up data; it is carried to every page and file.
    """

    layer: str
    origin: str
    licence: str | None = None
    as_of: str | None = None
    sha256: str | None = None
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Statistic:
    """One official figure."""

    quantity: Quantity
    year: int
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Swing:
    """How a figure answers to one parameter while the others keep their central setting.

    Parameters
    ----------
    parameter : str
        Name of the parameter, as in the profile's method options.
    unit : str
        Unit of the settings.
    settings : tuple of float of shape (n,)
        Settings tried, the central one among them.
    figures : tuple of (Quantity or None) of shape (n,)
        Figure at each setting, in the unit of the indicator.
    """

    parameter: str
    unit: str
    settings: tuple[float, ...]
    figures: tuple[Quantity | None, ...]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One indicator measured, or the statement that it could not be.

    Parameters
    ----------
    indicator : str
        Id of the indicator, the same as the id of the plan target it answers.
    quantity : Quantity or None
        The central figure; ``None`` means not measurable, never zero.
    name_zh, name_en : str
        Proper name of what was measured, which may be a proxy of what the plan asks.
    range : tuple of Quantity, optional
        Low and high figure, in the unit of ``quantity``.
    numerator, denominator : Quantity, optional
        The parts of a ratio.
    sources : tuple of Provenance
        Every source that the figure rests on.
    notes : tuple of Note
        Reservations and, for ``None``, the layer to bring.
    confidence : {'high', 'medium', 'low'}, optional
        ``None`` when there is no figure.
    details : Mapping of str to Quantity
        Further figures by name, for example the beta index of a network.
    features : GeoDataFrame, optional
        The layer that shows where, in the county's metric CRS.
    layers : Mapping of str to GeoDataFrame
        Further layers by name, such as why a patch was joined, in the same CRS.
    swings : tuple of Swing
        One-at-a-time sweeps of the parameters, which make up ``range``.
    """

    indicator: str
    quantity: Quantity | None
    name_zh: str
    name_en: str
    range: tuple[Quantity, Quantity] | None = None
    numerator: Quantity | None = None
    denominator: Quantity | None = None
    sources: tuple[Provenance, ...] = ()
    notes: tuple[Note, ...] = ()
    confidence: Confidence | None = None
    details: Mapping[str, Quantity] = field(default_factory=dict)
    features: GeoDataFrame | None = field(default=None, repr=False, compare=False)
    layers: Mapping[str, GeoDataFrame] = field(default_factory=dict, repr=False, compare=False)
    swings: tuple[Swing, ...] = ()

    @property
    def synthetic(self) -> bool:
        """Whether any source of the figure is made-up data."""
        return any(source.synthetic for source in self.sources)
