"""The tornado chart and the chart of variants: places of the bars, words, and nothing without data."""

import html
import re

import pytest

from qinshui_geo.charts import tornado_chart, variants, variants_chart
from qinshui_geo.measurement import Measurement, Quantity, Swing


def _km2(*values):
    return tuple(Quantity(value, "km2") for value in values)


SWINGS = (
    Swing("min_patch_ha", "ha", (0.5, 1.0), _km2(8.0, 8.0)),
    Swing("link_m", "m", (50, 100, 200), _km2(6.0, 8.0, 10.0)),
    Swing("ghs_threshold", "ratio", (0.1, 0.2, 0.5), _km2(9.0, 8.0, 7.0)),
)


def _bars(chart):
    """Left end and width of each coloured bar, row by row, in percent of the chart."""
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", chart, flags=re.DOTALL)
    found = {}
    for name, body in rows:
        shapes = re.findall(r'<rect x="([\d.]+)" y="5" width="([\d.]+)" height="16" fill="#(?!f1)', body)
        found[name] = [(float(x) / 4, float(width) / 4) for x, width in shapes]
    return found


def test_bars_reach_from_the_lowest_to_the_highest_figure_the_widest_first():
    bars = _bars(tornado_chart(Quantity(8.0, "km2"), SWINGS, lang="en"))
    assert bars == {
        "Linking distance": [(0, 50), (50, 50)],
        "GHS-BUILT-S built-up threshold": [(25, 25), (50, 25)],
        "Smallest piece": [],
    }


def test_each_end_says_its_figure_and_the_setting_that_gives_it():
    english = html.unescape(tornado_chart(Quantity(8.0, "km2"), SWINGS, lang="en"))
    assert "9.00 km²<small>at 0.1</small>" in english and "7.00 km²<small>at 0.5</small>" in english
    assert "no change from 0.5 ha to 1 ha" in english
    chinese = tornado_chart(Quantity(8.0, "km2"), SWINGS, lang="zh")
    assert "连接距离" in chinese and "取 200 m 时" in chinese and "公顷 无变化" in chinese


def test_a_one_sided_swing_starts_at_the_centre():
    swing = Swing("link_m", "m", (100, 200), _km2(8.0, 10.0))
    (bars,) = _bars(tornado_chart(Quantity(8.0, "km2"), [swing], lang="en")).values()
    assert bars == [(0, 100)]


def test_a_centre_outside_the_sweep_stays_on_the_chart():
    chart = tornado_chart(Quantity(4.0, "km2"), [Swing("link_m", "m", (1, 2), _km2(6.0, 8.0))], lang="en")
    (bars,) = _bars(chart).values()
    assert bars == [(50, 50)]
    assert '<rect x="0.0" y="0" width="2"' in chart


def test_no_figure_that_differs_from_the_target_looks_like_it():
    swing = Swing("link_m", "m", (50, 100), _km2(7.996, 8.2))
    chart = tornado_chart(Quantity(8.2, "km2"), [swing], lang="en", against=8.0)
    assert "7.996 km²" in chart and "8.00 km²" not in chart


@pytest.mark.parametrize("swings", [(), (Swing("link_m", "m", (1, 2), (None, None)),)])
def test_without_figures_there_is_no_tornado(swings):
    assert tornado_chart(Quantity(1, "m"), swings, lang="zh") == ""


def test_an_unheard_of_parameter_is_harmless():
    chart = tornado_chart(Quantity(1, "m"), [Swing("<b>x", "m", (1,), (Quantity(1, "m"),))], lang="en")
    assert "&lt;b&gt;x" in chart and "<b>x" not in chart


def _measured(**details):
    return Measurement("built_up_area", Quantity(8.0, "km2"), "建成区", "built-up area", details=details)


def test_variants_are_bars_from_zero_beside_the_figure():
    measured = _measured(
        landcover_only=Quantity(16.0, "km2"), vector_only=Quantity(4.0, "km2"), pieces=Quantity(2, "count"),
        ghs_only=Quantity(0.5, "ratio"),
    )  # fmt: skip
    assert list(variants(measured)) == ["vector_only", "landcover_only"]
    chart = variants_chart(measured, lang="en")
    lengths = re.findall(r'y="2" width="([\d.]+)" height="14" fill="#(?!f1)', chart)
    assert [float(length) / 4 for length in lengths] == [50, 25, 100]
    assert chart.count('class="central"') == 1


def test_without_variants_or_a_figure_there_is_no_chart():
    assert variants_chart(_measured(pieces=Quantity(2, "count")), lang="zh") == ""
    nothing = Measurement("built_up_area", None, "建成区", "x", details={"vector_only": Quantity(1, "km2")})
    assert variants_chart(nothing, lang="zh") == ""
