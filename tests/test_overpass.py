"""Fetching from a local server that answers as Overpass does; nothing leaves this machine."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import osmium
import osmnx
import pytest
import shapely

from qinshui_geo.errors import OutputError, SourceError
from qinshui_geo.sources.osm import read_osm
from qinshui_geo.sources.overpass import QUERY_TAGS, TRIES, fetch_osm
from qinshui_geo.sources.provenance import checksum, read_provenance

TOWN = shapely.box(112.18, 35.68, 112.19, 35.69)
STATUS = (
    "Connected as: 1\nCurrent time: 2026-01-01T00:00:00Z\nAnnounced endpoint: none\n"
    "Rate limit: 2\n2 slots available now.\nCurrently running queries:\n"
)
ELEMENTS = [
    {"type": "relation", "id": 9, "tags": {"type": "route", "route": "hiking"},
     "members": [{"type": "way", "ref": 6, "role": ""}]},
    {"type": "way", "id": 5, "nodes": [1, 2, 3, 4, 1], "tags": {"leisure": "park", "name": "沁河公园"}},
    {"type": "way", "id": 6, "nodes": [1, 3], "tags": {"highway": "footway"}},
    {"type": "node", "id": 1, "lat": 35.684, "lon": 112.184},
    {"type": "node", "id": 2, "lat": 35.684, "lon": 112.185},
    {"type": "node", "id": 3, "lat": 35.685, "lon": 112.185},
    {"type": "node", "id": 4, "lat": 35.685, "lon": 112.184},
    {"type": "node", "id": 7, "lat": 35.686, "lon": 112.184, "tags": {"amenity": "charging_station"}},
]  # fmt: skip
ANSWER = {"osm3s": {"timestamp_osm_base": "2025-11-18T03:00:00Z"}, "elements": ELEMENTS}
OK = (200, json.dumps(ANSWER).encode())


class Overpass:
    """What the server shall answer, one after another (the last for ever), and what it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.status = STATUS
        self.answers: list[tuple[int, bytes]] = [OK]
        self.queries: list[str] = []

    def next_answer(self, query: str) -> tuple[int, bytes]:
        self.queries.append(query)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def overpass() -> Iterator[Overpass]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, overpass.status.encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._send(*overpass.next_answer(parse_qs(body)["data"][0]))

        def _send(self, code: int, content: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    overpass = Overpass(f"http://127.0.0.1:{server.server_port}/api")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield overpass
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses that osmnx would have made."""
    made: list[float] = []
    monkeypatch.setattr(time, "sleep", made.append)
    return made


@pytest.fixture(autouse=True)
def settings_come_back() -> Iterator[None]:
    """After every test, passed or failed on purpose, osmnx is as it was."""
    before = {name: getattr(osmnx.settings, name) for name in osmnx.settings.__annotations__}
    look_up = socket.getaddrinfo
    yield
    assert {name: getattr(osmnx.settings, name) for name in osmnx.settings.__annotations__} == before
    assert socket.getaddrinfo is look_up


def test_fetched_file_is_read_like_any_extract(overpass, tmp_path):
    target = fetch_osm(TOWN, tmp_path / "raw" / "osm.osm.pbf", endpoint=overpass.url)
    osm = read_osm(target)
    assert osm.layers["green_areas"][["source_id", "name", "kind"]].to_numpy().tolist() == [
        ["way/5", "沁河公园", "park"]
    ]
    assert osm.layers["paths"][["source_id", "route"]].to_numpy().tolist() == [["way/6", True]]
    assert osm.layers["pois"]["kind"].tolist() == ["charging_station"]
    assert osm.as_of == "2025-11-18"
    assert osm.extent == pytest.approx((112.175, 35.675, 112.195, 35.695))
    assert sorted(path.name for path in target.parent.iterdir()) == [
        "osm.osm.pbf", "osm.osm.pbf.provenance.json"
    ]  # fmt: skip


def test_sidecar_says_where_the_file_came_from(overpass, tmp_path):
    target = fetch_osm(TOWN, tmp_path / "osm.osm.pbf", endpoint=overpass.url + "/")
    provenance = read_provenance(target, "osm")
    assert provenance.origin == "OpenStreetMap contributors via Overpass"
    assert (provenance.licence, provenance.synthetic) == ("ODbL-1.0", False)
    assert (provenance.as_of, provenance.sha256) == ("2025-11-18T03:00:00Z", checksum(target))
    content = json.loads((tmp_path / "osm.osm.pbf.provenance.json").read_text(encoding="utf-8"))
    assert content["request"]["endpoint"] == overpass.url
    assert content["request"]["tags"] == QUERY_TAGS


def test_query_asks_for_the_themes_with_all_their_nodes_around_the_boundary(overpass, tmp_path):
    fetch_osm(TOWN, tmp_path / "osm.osm.pbf", endpoint=overpass.url, timeout_s=77)
    (query,) = overpass.queries
    assert "[timeout:77]" in query
    for wanted in ("way['building'](poly:", "relation['leisure'](poly:", "relation['route'='hiking'](poly:"):
        assert wanted in query
    assert "'boundary'" not in query
    assert query.count("(._;>;)") == query.count("(poly:")
    corners = query.split("(poly:'")[1].split("'")[0].split()
    ring = [(float(lon), float(lat)) for lat, lon in zip(corners[::2], corners[1::2], strict=True)]
    assert shapely.Polygon(ring).contains(TOWN)


def test_answers_of_several_requests_are_merged_newest_version_first(overpass, tmp_path, monkeypatch):
    newer = [{**element, "version": 2} for element in ELEMENTS]
    newer[1] = {**newer[1], "tags": {"leisure": "garden"}}
    older = [{**element, "version": 1} for element in ELEMENTS]
    texts = [json.dumps({**ANSWER, "elements": elements}).encode() for elements in (older, newer, older)]
    overpass.answers = [(200, text) for text in texts]
    received: list[int] = []
    with monkeypatch.context() as small_requests:
        small_requests.setattr(osmnx.settings, "max_query_area_size", 2_500_000.0)
        target = fetch_osm(TOWN, tmp_path / "osm.osm", endpoint=overpass.url, progress=received.append)
    assert len(overpass.queries) > 2
    assert received[:3] == [len(text) for text in texts]
    assert read_osm(target).layers["green_areas"]["kind"].tolist() == ["garden"]
    ids = [(obj.type_str(), obj.id) for obj in osmium.FileProcessor(target)]
    assert ids == [("n", 1), ("n", 2), ("n", 3), ("n", 4), ("n", 7), ("w", 5), ("w", 6), ("r", 9)]


@pytest.mark.parametrize("code", [429, 504])
def test_busy_server_is_asked_again(overpass, tmp_path, pauses, code):
    overpass.answers = [(code, b"busy"), OK]
    fetch_osm(TOWN, tmp_path / "osm.osm.pbf", endpoint=overpass.url)
    assert len(overpass.queries) == 2
    assert max(pauses) >= 30


def test_server_without_rate_limit_is_not_waited_for(overpass, tmp_path, pauses):
    overpass.status = STATUS.replace("Rate limit: 2\n2 slots available now.", "Rate limit: 0")
    fetch_osm(TOWN, tmp_path / "osm.osm.pbf", endpoint=overpass.url)
    assert sum(pauses) == 0


FAILURES = {
    "busy": ((504, b"busy"), f"stays busy (504), asked {TRIES} times"),
    "refused": ((400, b"<html>parse error</html>"), "answered 400"),
    "garbage": ((200, b"<html>welcome</html>"), "truncated or is no JSON"),
    "truncated": ((200, OK[1][:-40]), "truncated or is no JSON"),
    "other service": ((200, b'["something else"]'), "has no list of elements"),
    "gave up": (
        (200, json.dumps({**ANSWER, "remark": "runtime error: Query timed out after 180 s"}).encode()),
        "Overpass gave up: runtime error: Query timed out",
    ),
    "empty": ((200, b'{"elements": []}'), "knows no feature within the boundary"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_failure_is_named_and_leaves_the_old_file(overpass, tmp_path, failure):
    answer, message = FAILURES[failure]
    overpass.answers = [answer]
    target = tmp_path / "osm.osm.pbf"
    target.write_bytes(b"old")
    with pytest.raises(SourceError) as error:
        fetch_osm(TOWN, target, endpoint=overpass.url)
    assert message in error.value.what
    assert error.value.where == overpass.url
    assert error.value.mend
    assert [path.name for path in tmp_path.iterdir()] == ["osm.osm.pbf"]
    assert target.read_bytes() == b"old"


def test_no_connection_is_told_at_once(tmp_path, pauses):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(SourceError, match=f"no connection to Overpass.*{port}"):
        fetch_osm(TOWN, tmp_path / "osm.osm.pbf", endpoint=f"http://127.0.0.1:{port}/api")
    assert not pauses


@pytest.mark.parametrize(
    ("boundary", "message"),
    [
        (shapely.Point(112.18, 35.68), "not an area"),
        (shapely.Polygon(), "not an area"),
        (shapely.box(600_000, 3_950_000, 601_000, 3_951_000), "not in degrees"),
    ],
)
def test_boundary_that_cannot_be_asked_for(tmp_path, boundary, message):
    with pytest.raises(SourceError, match=message):
        fetch_osm(boundary, tmp_path / "osm.osm.pbf")


def test_target_of_another_format_is_refused_before_asking(tmp_path):
    with pytest.raises(SourceError, match="not a known OpenStreetMap format"):
        fetch_osm(TOWN, tmp_path / "osm.geojson")


def test_target_that_cannot_be_written(overpass, tmp_path):
    (tmp_path / "raw").write_text("a file where the folder should be")
    with pytest.raises(OutputError, match="cannot write the extract"):
        fetch_osm(TOWN, tmp_path / "raw" / "osm.osm.pbf", endpoint=overpass.url)
