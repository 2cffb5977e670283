"""The target registry of a plan: what is asked, in which unit, by which year and clause."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from qinshui_geo.errors import PlanError
from qinshui_geo.tomlfile import read_model

Sense = Literal[">=", "<=", "=", "exists"]
Kind = Literal["spatial", "statistical"]
Unit = Literal[
    "km2", "m2/person", "percent", "person", "m", "km", "km/km2", "count", "yes_no"
]  # fmt: skip


class Target(BaseModel):
    """One measurable target of a plan.

    ``sense`` says how a figure meets it: at least, at most, equal within ``tolerance`` (half of the
    last digit in which the plan writes the number), or ``exists`` where the plan gives no number.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name_zh: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    clause: str = Field(min_length=1, description="the plan's own words")
    section: str = Field(default="", description="where in the plan, for example 三(二)6")
    kind: Kind
    sense: Sense
    unit: Unit
    year: int = Field(ge=2000, le=2100)
    value: float | None = None
    tolerance: float = Field(default=0.0, ge=0)
    note: str = ""

    @model_validator(mode="after")
    def _number_fits_sense(self) -> Self:
        if (self.value is None) != (self.sense == "exists"):
            raise ValueError("a target has a value, unless its sense is 'exists', which has none")
        if self.sense == "=" and self.tolerance <= 0:
            raise ValueError("sense '=' needs a tolerance above 0")
        return self


class Plan(BaseModel):
    """A plan: its names, its source and its targets, in the order of the document."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name_zh: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    source: str = ""
    targets: tuple[Target, ...] = ()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [target.id for target in self.targets]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"target id used twice: {', '.join(twice)}")
        return self

    def target(self, indicator: str) -> Target | None:
        """Target with this id, or ``None``."""
        return next((target for target in self.targets if target.id == indicator), None)


NO_PLAN = Plan(id="none", name_zh="无目标", name_en="no targets")
"""Plan without targets: every figure is reported, none is judged."""


def plan_names() -> list[str]:
    """Names of the plans that come with the package."""
    folder = resources.files("qinshui_geo") / "plans"
    return sorted(
        entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")
    )


def load_plan(name: str | Path) -> Plan:
    """Plan by the name of one that comes with the package, ``none``, or the path of a TOML file.

    Raises
    ------
    PlanError
        If there is no such plan, or its file does not hold.

    Examples
    --------
    >>> load_plan("qinshui").target("built_up_area").value
    8.0
    """
    if str(name) == "none":
        return NO_PLAN
    if str(name) in plan_names():
        with resources.as_file(resources.files("qinshui_geo") / "plans" / f"{name}.toml") as path:
            return read_model(path, Plan, PlanError)
    if Path(name).suffix == ".toml":
        return read_model(Path(name), Plan, PlanError)
    known = ", ".join([*plan_names(), "none"])
    raise PlanError(f"no plan named {str(name)!r}", mend=f"use one of {known}, or the path of a .toml file")
