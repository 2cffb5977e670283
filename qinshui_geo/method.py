"""The options by which a county is measured, and the thresholds that the project sets itself."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class StrictModel(BaseModel):
    """Part of a profile: read-only, without unknown keys, every number finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class BuiltUpMethod(StrictModel):
    """Options of the built-up area (TD/T 1064-2021, by reference)."""

    link_m: float = Field(default=100.0, gt=0)
    close_m: float = Field(default=50.0, ge=0)
    min_patch_ha: float = Field(default=1.0, ge=0)
    ghs_threshold: float = Field(default=0.20, gt=0, lt=1)


class ParksMethod(StrictModel):
    """Options of the park area (CJJ/T 85-2017)."""

    min_strip_m: float = Field(default=12.0, ge=0)
    small_m2: float = Field(default=2000.0, gt=0)
    large_m2: float = Field(default=5000.0, gt=0)
    near_m: float = Field(default=300.0, gt=0)
    far_m: float = Field(default=500.0, gt=0)


class GreenMethod(StrictModel):
    """Options of the green coverage."""

    ndvi_threshold: float = Field(default=0.30, gt=0, lt=1)


class SpongeMethod(StrictModel):
    """Options of the sponge share (GB/T 51345-2018)."""

    alpha_target_percent: float = Field(default=80.0, gt=0, lt=100)
    min_rain_mm: float = Field(default=2.0, ge=0)


class GreenwaysMethod(StrictModel):
    """Options of the greenway network."""

    snap_m: float = Field(default=10.0, ge=0)
    along_m: float = Field(default=30.0, ge=0)


class ServicesMethod(StrictModel):
    """Options of the services near people."""

    charging_reach_m: float = Field(default=1000.0, gt=0)


class CompletenessMethod(StrictModel):
    """Options of the completeness of OpenStreetMap against independent built-up land."""

    cell_m: float = Field(default=500.0, gt=0)
    min_share_percent: float = Field(default=50.0, ge=0, le=100)


class Method(StrictModel):
    """All options of the measurement; each default is documented in the shipped profiles."""

    built_up: BuiltUpMethod = BuiltUpMethod()
    parks: ParksMethod = ParksMethod()
    green: GreenMethod = GreenMethod()
    sponge: SpongeMethod = SpongeMethod()
    greenways: GreenwaysMethod = GreenwaysMethod()
    services: ServicesMethod = ServicesMethod()
    completeness: CompletenessMethod = CompletenessMethod()


class Thresholds(StrictModel):
    """Project-defined thresholds for targets to which the plan gives no number, by target id."""

    greenway_connectivity: float | None = Field(default=None, ge=0, le=100)
