"""The ``qinshui-geo`` command: the only place that prints or exits."""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from qinshui_geo.cli_options import Choice, LonLat, choice, joint_option, source_options
from qinshui_geo.errors import ProfileError, QinshuiGeoError, QinshuiGeoWarning
from qinshui_geo.plan import load_plan
from qinshui_geo.profile import load_profile

STEPS = (
    "osm", "boundary", "layers", "rasters", "tables", "built_up_area", "town_population",
    "park_area_per_capita", "green_coverage", "sponge_share", "greenway_connectivity", "services",
)  # fmt: skip
"""Steps of reading, then of measuring, as the progress bar counts them."""

READING_STEPS = STEPS[:5]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qinshui-geo")
def cli() -> None:
    """Measure a county town's planning targets from open map data (县城建设目标量算)."""


@cli.command()
@click.argument("name", default="qinshui")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def plan(name: str, as_json: bool) -> None:
    """Print the targets of a plan."""
    found = load_plan(name)
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    click.echo(f"{found.name_zh} / {found.name_en}: {len(found.targets)}")
    for target in found.targets:
        goal = "" if target.value is None else f" {target.value:g}"
        click.echo(
            f"{target.id:32} {target.kind:11} {target.sense}{goal} {target.unit}, {target.year}\n"
            f"    {target.name_zh} / {target.name_en}\n    「{target.clause}」"
        )


@cli.command()
@source_options
def check(**options: Any) -> None:
    """Read every source and say what it holds, without measuring or writing."""
    from qinshui_geo.inspection import describe_layers

    chosen = choice(options)
    with _progress(READING_STEPS) as tell:
        from qinshui_geo.reading import read_layers

        layers = read_layers(chosen.profile, tell=tell)
    for line in describe_layers(layers, lang=chosen.lang, folder=chosen.profile.folder):
        click.echo(line)


@cli.command()
@source_options
@joint_option
def measure(joint: int, **options: Any) -> None:
    """Measure and write scorecard.json, scorecard.csv and layers.gpkg."""
    _run(choice(options), ("scorecard.json", "scorecard.csv", "layers.gpkg"), joint)


@cli.command("map")
@source_options
@joint_option
def map_(joint: int, **options: Any) -> None:
    """Measure and write map.html."""
    _run(choice(options), ("map.html",), joint)


@cli.command()
@source_options
@joint_option
def report(joint: int, **options: Any) -> None:
    """Measure and write everything: report.html, map.html, layers.gpkg, scorecard.csv, scorecard.json."""
    _run(
        choice(options), ("report.html", "map.html", "layers.gpkg", "scorecard.csv", "scorecard.json"), joint
    )


@cli.command()
@source_options
def layers(**options: Any) -> None:
    """Measure and write layers.gpkg."""
    _run(choice(options), ("layers.gpkg",))


@cli.command()
@click.argument("profile")
@click.option("--endpoint", help="Another Overpass server.")
def fetch(profile: str, endpoint: str | None) -> None:
    """Download the county's OpenStreetMap data into its raw folder."""
    from qinshui_geo.fetching import fetch_county

    with tqdm(desc="Overpass", unit="B", unit_scale=True, disable=None) as bar:
        path = fetch_county(load_profile(profile), endpoint=endpoint, progress=bar.update)
    click.echo(f"{path}")


@cli.command()
@click.argument("name")
@click.option("--zh", "name_zh", help="Chinese name.")
@click.option("--en", "name_en", help="English name.")
@click.option("--adcode", help="Six-digit code of the county-level unit.")
@click.option("--seat", type=LonLat(), help="County seat, WGS84 degrees: LON,LAT.")
@click.option("--crs", help="Metric CRS; by default the CGCS2000 zone of the seat.")
@click.option("--folder", type=click.Path(path_type=Path), help="Folder; default data/raw/NAME.")
def init(name: str, folder: Path | None, **known: Any) -> None:
    """Write a new, commented profile (profile.toml)."""
    from qinshui_geo.atomic import replacing
    from qinshui_geo.profile_template import new_profile

    path = (folder or Path("data") / "raw" / name) / "profile.toml"
    if path.exists():
        raise ProfileError(
            "the profile exists already", where=str(path), mend="edit it, or name another folder"
        )
    known["name_zh"], known["name_en"] = known["name_zh"] or name, known["name_en"] or name
    text = new_profile(name, **known)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    click.echo(f"{path}")


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
def sample(folder: Path) -> None:
    """Write the synthetic sample county (合成示例) into FOLDER."""
    from qinshui_geo.sample import write_sample

    for path in write_sample(folder):
        click.echo(f"{path}")


def _run(chosen: Choice, outputs: tuple[str, ...], joint: int = 0) -> None:
    """Read, measure, then write all outputs; nothing is put in place before all are written."""
    from qinshui_geo.county import measure_county
    from qinshui_geo.outputs import write_outputs
    from qinshui_geo.reading import read_layers

    targets = load_plan(chosen.profile.plan)
    with _progress((*STEPS, *outputs)) as tell:
        found = read_layers(chosen.profile, plan=targets, tell=tell)
        result = measure_county(found, chosen.profile, targets, tell=tell, joint_samples=joint)
        written = write_outputs(
            result, chosen.out, outputs, lang=chosen.lang, basemap=chosen.basemap, tell=tell
        )
    _print_scorecard(result, chosen.lang)
    for path in written:
        click.echo(f"{path}")


def _print_scorecard(result: Any, lang: Any) -> None:
    from qinshui_geo.scorecard import terminal_lines

    if result.synthetic:
        click.echo("合成示例 / synthetic sample")
    for line in terminal_lines(result.findings, lang):
        click.echo(line)


@contextmanager
def _progress(steps: tuple[str, ...]) -> Iterator[Any]:
    """A bar that moves on by one at the begin of each step; silent where there is no terminal."""
    with tqdm(total=len(steps), disable=None, unit="step") as bar:

        def tell(step: str) -> None:
            bar.set_description(step)
            bar.update()

        yield tell


def main() -> None:
    """Run the command; an error of ours is one message on standard error and exit status 1."""
    warnings.showwarning = _show_warning
    warnings.simplefilter("always", QinshuiGeoWarning)
    _print_what_the_console_can()
    try:
        cli.main(standalone_mode=True)
    except QinshuiGeoError as fault:
        click.echo(f"qinshui-geo: {fault}", err=True)
        sys.exit(1)


def _print_what_the_console_can() -> None:
    """Let a sign that the console's code page lacks (² or ✓ in GBK) be a question mark, not a failure."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _show_warning(message: Any, category: Any, *_: Any, **__: Any) -> None:
    if issubclass(category, QinshuiGeoWarning):
        click.echo(f"qinshui-geo: {message}", err=True)


if __name__ == "__main__":
    main()
