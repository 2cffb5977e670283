"""The report page and the words and numbers on it."""

import html
import re
from html.parser import HTMLParser

import pytest
from pages import bare_result, county_result, findings
from test_maps import LOADED

from qinshui_geo.atomic import replacing
from qinshui_geo.county import measure_county
from qinshui_geo.errors import OutputError
from qinshui_geo.plan import load_plan
from qinshui_geo.profile import load_profile
from qinshui_geo.reading import read_layers
from qinshui_geo.report import write_report
from qinshui_geo.scorecard import MAIN_INDICATORS, line, main_lines, terminal_lines, verdict_counts
from qinshui_geo.sections import SECTIONS, sections
from qinshui_geo.texts import figure, gap_phrase, method_text, target_figure, words, years_phrase


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    results = {"zh": county_result(synthetic=True), "en": county_result()}
    paths = {
        lang: write_report(result, folder / f"{lang}.html", lang=lang) for lang, result in results.items()
    }
    return {lang: path.read_text(encoding="utf-8") for lang, path in paths.items()}


@pytest.fixture(scope="module")
def sample_result(repository):
    profile = load_profile(repository / "data" / "raw" / "qinshui_sample" / "profile.toml")
    return measure_county(read_layers(profile), profile, load_plan(profile.plan))


class _Cells(HTMLParser):
    """Texts of each row of the scorecard by the row's id."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[str]] = {}
        self._row: list[str] | None = None

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            name = dict(attrs).get("id") or ""
            self._row = self.rows.setdefault(name.removeprefix("row-"), []) if name else None
        elif tag == "td" and self._row is not None:
            self._row.append("")

    def handle_data(self, data):
        if self._row:
            self._row[-1] += data


def _rows(page):
    cells = _Cells()
    cells.feed(page)
    return {name: [re.sub(r"\s+", " ", text).strip() for text in row] for name, row in cells.rows.items()}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_finding_has_a_row(pages, lang):
    assert list(_rows(pages[lang])) == [finding.id for finding in findings()]


def test_a_row_says_value_range_target_year_gap_verdict_and_confidence(pages):
    row = _rows(pages["en"])["built_up_area"]
    assert row[1:] == [
        "7.996 km²", "6.10 km² – 9.40 km²", "≥ 8 km²", "2027 1 year left", "short by 0.004 km²",
        "✗ not met", "medium",
    ]  # fmt: skip
    assert row[0].startswith("Urban extent") and "建成区面积8平方公里" in row[0]
    assert _rows(pages["zh"])["leakage"][1:6] == ["10.2%", "–", "≤ 9%", "2025 今年到期", "超出 1.2 个百分点"]


def test_no_data_is_never_a_zero(pages):
    for lang, word in (("zh", "无数据"), ("en", "no data")):
        row = _rows(pages[lang])["green_coverage"]
        assert row[1] == word and word in row[6]
        assert not any(re.fullmatch(r"0(\.0+)?\s*%?", text) for text in row)


def test_what_is_missing_is_named_with_what_to_bring(pages):
    missing = pages["en"][pages["en"].index('id="missing"') : pages["en"].index('id="sources"')]
    assert "bring a land-cover raster, landcover.tif" in missing
    assert "<code>heating</code>" in missing and "statistics.csv" in missing
    assert "sponge_share" not in missing


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_main_indicator_has_a_section_with_its_method(pages, lang):
    text = html.unescape(pages[lang])
    for name in MAIN_INDICATORS:
        assert f'<article id="{name}">' in text
        assert method_text(name, lang)["text"] in text
        assert method_text(name, lang)["standard"] in text


def test_further_figures_notes_and_sources(pages):
    assert "图斑数" in pages["zh"] and "some new figure" in pages["en"]
    assert "approximated from &lt;open&gt; data" in pages["en"]
    assert "ESA WorldCover &lt;2021&gt;" in pages["en"] and "CC BY 4.0" in pages["en"]
    assert "1 invalid ring was skipped" in pages["en"]


def test_marks_banner_and_language(pages):
    assert pages["zh"].count("合成示例 / synthetic sample") >= 2 and "不得用于决策" in pages["zh"]
    assert "合成示例" not in pages["en"]
    assert all("内部工作用图,未经审图" in page for page in pages.values())
    assert '<html lang="zh-CN">' in pages["zh"] and "<h2>地图</h2>" in pages["zh"]
    assert '<html lang="en">' in pages["en"] and "<h2>Map</h2>" in pages["en"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_loaded_from_elsewhere(pages, lang):
    addresses = {first or second for first, second in LOADED.findall(pages[lang])}
    assert addresses <= {"https://www.openstreetmap.org/copyright", "https://leafletjs.com"}
    assert not re.search(r"cdn\.|cdnjs|jsdelivr|bootstrap|<script>window", pages[lang])


def test_a_county_without_data_has_a_report(tmp_path):
    page = write_report(bare_result(), tmp_path / "new" / "report.html").read_text(encoding="utf-8")
    assert set(_rows(page)) == {"green_coverage", "heating"}


def test_counts_and_order():
    assert verdict_counts(findings()) == {"MET": 4, "NOT_MET": 2, "NO_DATA": 2, "REPORTED": 3}
    assert tuple(row.id for row in main_lines(county_result(), "en")) == MAIN_INDICATORS


def test_the_terminal_shows_the_main_indicators_first_and_the_counts_last():
    backward = findings()[::-1]
    said = list(terminal_lines(backward, "en"))
    shown = [match[1] for row in said if (match := re.search(r"\[(\w+)\]", row))]
    others = [finding.id for finding in backward if finding.id not in MAIN_INDICATORS]
    assert shown == [*MAIN_INDICATORS, *others]
    assert said[0] == "Main indicators" and "Other targets" in said
    assert said[1].endswith("[built_up_area]: 7.996 km², target ≥ 8 km² (2027), short by 0.004 km²")
    green = next(number for number, row in enumerate(said) if "[green_coverage]" in row)
    assert said[green + 1].strip() == "bring a land-cover raster, landcover.tif"
    assert said[-1] == "met 4, not met 2, no data 2, reported 3"


def test_bars_keep_the_proportion_of_figure_and_target():
    bar = line(county_result().finding("sponge_share"), "en").bar
    assert (bar.value, bar.target, bar.low, bar.high) == (37.5, 30.0, 25.0, 43.8)
    built = line(county_result().finding("built_up_area"), "en").bar
    assert built.value / built.target == pytest.approx(7.996 / 8.0)
    assert built.high == pytest.approx(100 / 1.1)
    assert line(county_result().finding("green_coverage"), "en").bar is None


def test_a_threshold_of_the_project_is_called_so():
    assert line(county_result().finding("greenway_connectivity"), "en").target.endswith(
        "60% (threshold set by the project)"
    )
    assert line(county_result().finding("logistics"), "zh").target == "建成"
    assert line(county_result().finding("town_population"), "zh").target == ""


@pytest.mark.parametrize(
    ("value", "unit", "lang", "text"),
    [
        (196528, "person", "zh", "196,528 人"),
        (2626.94, "km2", "en", "2,626.94 km²"),
        (-0.0001, "km", "en", "0.00 km"),
        (-3.25, "mm", "en", "−3.2 mm"),
        (12.5, "unheard_of", "en", "12.50 unheard_of"),
        (0, "yes_no", "zh", "否"),
        (0, "percent", "zh", "0.0%"),
        (None, "percent", "zh", "无数据"),
    ],
)
def test_figures(value, unit, lang, text):
    assert figure(value, unit, lang) == text


def test_a_figure_just_under_its_target_is_not_rounded_up_to_it():
    assert figure(41.996, "percent", "zh", against=42.0) == "41.996%"
    assert figure(42.0, "percent", "zh", against=42.0) == "42.0%"
    assert target_figure(17.0, "m2/person", "zh") == "17 m²/人"
    assert target_figure(80000, "person", "en") == "80,000 persons"


def test_gaps_and_years():
    assert gap_phrase(None, ">=", "km2", "en") == ""
    assert gap_phrase(0, ">=", "km2", "en") == "just reached"
    assert gap_phrase(-0.3, "=", "percent", "en") == "off by 0.3 percentage points"
    assert gap_phrase(1.2, "<=", "percent", "en") == "above by 1.2 percentage points"
    assert [years_phrase(n, "en") for n in (None, 3, -2)] == ["", "3 years left", "2 years past"]


@pytest.mark.parametrize(
    "section",
    ["page", "verdict", "unit", "phrase", "layer", "class", "field", "term", "detail", "source", "parameter"],
)
def test_both_languages_have_every_word(section):
    zh, en = words(section, "zh"), words(section, "en")
    assert zh.keys() == en.keys()
    for key in zh:
        assert sorted(re.findall(r"\{(\w+)\}", zh[key])) == sorted(re.findall(r"\{(\w+)\}", en[key]))


def test_everything_measured_on_the_sample_has_its_words(sample_result):
    measurements = [finding.measurement for finding in sample_result.findings if finding.measurement]
    details = {key for measured in measurements for key in measured.details}
    parameters = {swing.parameter for measured in measurements for swing in measured.swings}
    assert len(details) > 30 and len(parameters) > 2
    assert details - words("detail", "zh").keys() == set()
    assert parameters - words("parameter", "zh").keys() == set()
    units = {quantity.unit for measured in measurements for quantity in measured.details.values()}
    units |= {swing.unit for measured in measurements for swing in measured.swings}
    assert units - words("unit", "zh").keys() == set()
    assert set(sample_result.layers.provenance) - words("source", "zh").keys() == set()


def test_every_section_has_its_method_and_the_layers_of_the_sample_their_tables(sample_result):
    told = sections(sample_result, "zh")
    assert [section.line.id for section in told] == list(SECTIONS)
    assert all(section.line.method for section in told)
    assert {section.line.id for section in told if section.tables} == {
        "built_up_area", "park_area_per_capita", "park_service_coverage", "osm_completeness",
    }  # fmt: skip


def test_replacing_keeps_the_old_file_when_writing_fails(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(OutputError, match=r"page\.html.*Mend"), replacing(path) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_replacing_leaves_nothing_behind_when_the_writer_breaks_off(tmp_path):
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path / "a.txt") as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
