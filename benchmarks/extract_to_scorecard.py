"""Las Palmas from extract to scorecard, against a plain osmnx + geopandas + networkx script, in one run.

Both take their input from disk in a process of their own. The plain script reads XML, since osmnx reads
no .pbf; converting it (and mending the clipped references, on which osmnx stops) is not counted. The
figures stand side by side: all parks together agree with the 183.78 ha of an independent count, the others
follow simpler definitions (no holes filled, fewer tags, no standard), and the toolkit measures more.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from running import COMMAND, REPOSITORY, Run, median, run
from whole_xml import write_highways_xml, write_whole_xml

LIMIT = 1 / 3
POPULATION = "378000"
DATA = Path(os.environ.get("QINSHUI_GEO_REAL_DATA", REPOSITORY.parent / "shared" / "data"))
EXTRACT = DATA / "las_palmas" / "las_palmas_20230221.osm.pbf"
PLAIN = Path(__file__).with_name("plain_osmnx.py")
FEW_RUNS_FROM_S = 60.0


def ours(out: Path) -> Run:
    return run(COMMAND, "measure", "--osm", EXTRACT, "--population", POPULATION, "--out", out)


def plain(folder: Path) -> Run:
    whole, highways = folder / "whole.osm", folder / "highways.osm"
    write_whole_xml(EXTRACT, whole)
    write_highways_xml(whole, highways)
    first = run(sys.executable, PLAIN, whole, highways, POPULATION)
    if first.seconds > FEW_RUNS_FROM_S:
        return first
    return median([first, *(run(sys.executable, PLAIN, whole, highways, POPULATION) for _ in range(2))])


def show(name: str, took: Run, figures: dict[str, float | None]) -> None:
    print(f"{name:12} {took.seconds:7.1f} s {took.megabytes:7.0f} MB")
    for figure, value in figures.items():
        print(f"    {figure}: {'no data' if value is None else round(value, 3)}")


def main() -> int:
    if not EXTRACT.is_file():
        print(f"skipped: no {EXTRACT.name}; name the folder of the real data in QINSHUI_GEO_REAL_DATA")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        quick = median([ours(folder / "out") for _ in range(3)])
        card = json.loads((folder / "out" / "scorecard.json").read_text(encoding="utf-8"))
        slow = plain(folder)
    show("qinshui_geo", quick, {f["id"]: f["value"] for f in card["findings"] if f["kind"] == "spatial"})
    show("plain osmnx", slow, json.loads(slow.output))
    ratio = quick.seconds / slow.seconds
    print(f"ratio of times {ratio:.3f} (limit {LIMIT:.3f}), of memory {quick.megabytes / slow.megabytes:.2f}")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
