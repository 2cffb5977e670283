"""Findings in the words of one language."""

from dataclasses import replace

import pages

from qinshui_geo.scorecard import line


def test_an_equal_target_says_how_far_off_still_meets_it() -> None:
    finding = replace(
        pages.county_result().findings[0], sense="=", target=80_000.0, unit="person", tolerance=5_000.0
    )
    assert line(finding, "en").target.startswith("= 80,000")
    assert line(finding, "en").target.endswith("±5,000")
    assert "±" not in line(replace(finding, tolerance=0.0), "en").target
    assert "±" not in line(replace(finding, sense=">=", tolerance=0.0), "zh").target
