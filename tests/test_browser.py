"""The pages in a real browser without network: no request, no error, layers, popups, hostile names."""

import os
import shutil

import pytest
from pages import IMAGE_NAME, SCRIPT_NAME, bare_result, county_result

from qinshui_geo.maps import write_map
from qinshui_geo.report import write_report

pytestmark = pytest.mark.browser

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PAGES = ("map_bare.html", "report_bare.html", "report_zh.html", "report_en.html", "map_en.html")


@pytest.fixture(scope="module")
def browser():
    named = os.environ.get("QINSHUI_GEO_CHROMIUM")
    program = named or next((path for path in map(shutil.which, BROWSERS) if path), None)
    if program is None:
        pytest.skip("no Chromium found; install one or name it in QINSHUI_GEO_CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("pages")
    write_map(county_result(synthetic=True), place / "map_zh.html", lang="zh")
    write_map(county_result(), place / "map_en.html", lang="en")
    write_map(bare_result(), place / "map_bare.html")
    write_report(county_result(synthetic=True), place / "report_zh.html", lang="zh")
    write_report(county_result(), place / "report_en.html", lang="en")
    write_report(bare_result(), place / "report_bare.html")
    return place


@pytest.fixture
def visit(browser, folder):
    """Opens a page with the network cut; at the end nothing was asked for and nothing went wrong."""
    context = browser.new_context(viewport=DESKTOP)
    requests, faults = [], []

    def cut(route):
        requests.append(route.request.url)
        route.abort()

    context.route(lambda address: not address.startswith(("file:", "data:")), cut)
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("console", lambda message: faults.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: faults.append(str(error)))

    def opened(name, size=DESKTOP):
        page.set_viewport_size(size)
        page.goto((folder / name).as_uri(), wait_until="load")
        page.wait_for_selector(".leaflet-control-scale-line", timeout=20_000)
        return page

    yield opened
    hacked = page.evaluate("window.hacked")
    context.close()
    assert (requests, faults, hacked) == ([], [], None)


def _popup_texts(page):
    """Opens the popup of every feature in turn, as a click does, and reads it as a reader would."""
    return page.evaluate(
        """() => {
            const map = Object.values(window).find(it => it instanceof L.Map);
            const texts = [];
            map.eachLayer(group => {
                if (!(group instanceof L.GeoJSON) || !group.getPopup()) return;
                group.eachLayer(layer => {
                    layer.fire("click", {latlng: layer.getBounds().getCenter()}, true);
                    texts.push(group.getPopup().getElement().innerText);
                });
            });
            map.closePopup();
            return texts;
        }"""
    )


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_pages_open_without_request_or_error_and_fit_the_screen(visit, name, size):
    page = visit(name, size)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert page.is_visible(".qg-mark")


@pytest.mark.parametrize("name", ["map_zh.html", "report_en.html"])
def test_hostile_names_are_shown_as_text(visit, name):
    texts = _popup_texts(visit(name))
    assert len(texts) == 2 + 16 + 5 + 3 + 1
    for hostile in (SCRIPT_NAME, IMAGE_NAME, "{{ 7 * 7 }}{% endraw %}{# {{{"):
        assert any(hostile in text for text in texts)
    assert max(map(len, texts)) < 400


def test_popups_speak_the_language(visit):
    texts = _popup_texts(visit("map_zh.html"))
    assert any("年径流总量控制率 α\t81.5%" in text and "所需调蓄容积\t2,910 m³" in text for text in texts)
    english = _popup_texts(visit("map_en.html"))
    assert any("Counted\tno" in text and "Reason\tprivate" in text for text in english)
    assert any("Network\t1" in text and "Length\t1,226 m" in text for text in english)


@pytest.mark.parametrize("name", ["map_zh.html", "report_zh.html"])
def test_a_click_opens_a_popup_and_a_toggle_takes_the_layer_away(visit, name):
    page = visit(name)
    spot = page.evaluate(
        """() => {
            const map = Object.values(window).find(it => it instanceof L.Map);
            map.getContainer().scrollIntoView({block: "center"});
            let unit = null;
            map.eachLayer(it => { if (it.feature && it.feature.properties.unit_id === "16") unit = it; });
            const at = map.latLngToContainerPoint(unit.getBounds().getCenter());
            const box = map.getContainer().getBoundingClientRect();
            return [box.x + at.x + 5, box.y + at.y + 5];
        }"""
    )
    page.mouse.click(*spot)
    page.wait_for_selector(".leaflet-popup-content td")
    assert "无法判断" not in page.inner_text(".leaflet-popup-content")
    assert "地表未知" in page.inner_text(".leaflet-popup-content")
    page.keyboard.press("Escape")
    page.wait_for_selector(".leaflet-popup", state="detached")
    toggle = page.locator(".leaflet-control-layers-overlays label", has_text="海绵城市单元").locator("input")
    assert len([text for text in _popup_texts(page) if "单元编号" in text]) == 16
    toggle.uncheck()
    assert not [text for text in _popup_texts(page) if "单元编号" in text]
    toggle.check()
    assert len([text for text in _popup_texts(page) if "单元编号" in text]) == 16


EXPLAINING = {
    "居住用地的公园服务": ("至最近公园入口的步行距离\t210 m", 4),
    "分片区人均公园绿地": ("人均公园绿地\t4.00 m²/人", 4),
    "建成斑块的连片过程": ("原因\t距斑块 1 为 60 m", 5),
    "斑块连接段": ("长度\t60 m", 1),
    "地图完整度": ("完整度\t30.0%", 6),
}


@pytest.mark.parametrize("name", ["map_zh.html", "report_zh.html"])
def test_layers_that_explain_can_be_switched_on_and_off(visit, name):
    page = visit(name)
    before = _popup_texts(page)
    for title, (words, count) in EXPLAINING.items():
        label = page.locator(".leaflet-control-layers-overlays label", has_text=title)
        assert not label.locator("input").is_checked()
        label.locator("input").check()
        added = [text for text in _popup_texts(page) if text not in before]
        assert len(_popup_texts(page)) == len(before) + count
        assert any(words in text for text in added), title
        label.locator("input").uncheck()
    assert _popup_texts(page) == before


def test_the_legend_tells_the_classes_of_the_layers_that_are_on(visit):
    page = visit("map_zh.html")
    label = page.locator(".leaflet-control-layers-overlays label", has_text="居住用地的公园服务")
    assert "服务不足" not in label.inner_text()
    label.locator("input").check()
    assert "服务不足" in label.inner_text() and "仅步行可达" in label.inner_text()


def test_charts_have_bars_that_are_seen(visit):
    for size in (DESKTOP, PHONE):
        page = visit("report_zh.html", size)
        row = page.locator("#built_up_area .tornado tbody tr").first
        assert "连接距离" in row.inner_text() and "取 50 m 时" in row.inner_text()
        box = row.locator("svg").bounding_box()
        assert box["width"] > 200 and box["height"] > 15
        text = page.inner_text("#park_service_coverage")
        assert "国家标准参考值 ≥ 80%" in text and SCRIPT_NAME in text


def test_the_panel_shows_the_scorecard_and_folds(visit):
    page = visit("map_zh.html")
    assert "7.996 km²" in page.inner_text("#qg-dock") and "合成示例" in page.inner_text("#qg-dock")
    page.click("#qg-dock summary >> nth=0")
    assert "7.996 km²" not in page.inner_text("#qg-dock")


def test_on_a_phone_the_controls_start_folded(visit):
    page = visit("map_en.html", PHONE)
    assert not page.is_visible(".leaflet-control-layers-list")
    assert not page.is_visible("#qg-dock li >> nth=0")
    page.hover(".leaflet-control-layers-toggle", force=True)
    assert page.is_visible(".leaflet-control-layers-list")


def test_the_report_prints_with_the_legend_on_the_map(visit):
    page = visit("report_zh.html", {"width": 690, "height": 900})
    page.emulate_media(media="print")
    assert page.is_visible(".leaflet-control-layers-list")
    assert not page.is_visible(".leaflet-control-zoom")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
