"""Whole layers as files over HTTP (RFC 9110, 13 and 14), and every form of the same query."""

from __future__ import annotations

import csv
import email.parser
import email.policy
import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import geopandas
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.serving import make_server

from server import ranges

ITEMS = "/collections/xzq_county/items"
MEDIA = {
    "flatgeobuf": "application/flatgeobuf",
    "geoparquet": "application/vnd.apache.parquet",
    "gpkg": "application/geopackage+sqlite3",
}
FORMS = ("geojson", "jsonfg", "geojsonseq", "csv", "flatgeobuf", "geoparquet")
files = pytest.mark.parametrize("form", MEDIA)


@pytest.fixture(scope="module")
def file(release: Any) -> Callable[..., bytes]:
    """The bytes of a layer's file in a form."""
    layers = {layer.id: layer for layer in release.manifest.layers}

    def file(form: str, layer: str = "xzq_county") -> bytes:
        return bytes((release.path / layers[layer].downloads[form]).read_bytes())

    return file


def spans(answer: Any) -> list[tuple[str, bytes]]:
    """The parts of a multipart answer: Content-Range and bytes."""
    head = f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + answer.body)
    assert message.is_multipart() and not message.defects
    boundary = message.get_boundary().encode()
    parts = answer.body.split(b"\r\n--" + boundary)[1:-1]
    return [
        (str(part["Content-Range"]), raw.split(b"\r\n\r\n", 1)[1])
        for part, raw in zip(message.iter_parts(), parts, strict=True)
    ]


@files
def test_without_a_selection_the_file_itself_is_the_answer(
    ask: Any, form: str, file: Any, release: Any
) -> None:
    answer = ask(f"{ITEMS}?f={form}")
    assert answer.status == 200 and answer.body == file(form)
    name = next(layer for layer in release.manifest.layers if layer.id == "xzq_county").downloads[form]
    headers = answer.headers
    assert headers["ETag"] == f'"{release.manifest.files[name].sha256[:32]}"'
    assert headers["Content-Length"] == str(len(answer.body))
    assert headers["Content-Type"] == MEDIA[form]
    assert headers["Accept-Ranges"] == "bytes"
    ending = name.rpartition(".")[2]
    assert headers["Content-Disposition"] == f'attachment; filename="xzq_county-{release.id}.{ending}"'
    crs = "EPSG/0/4490" if form == "gpkg" else "OGC/1.3/CRS84"
    assert headers["Content-Crs"] == f"<http://www.opengis.net/def/crs/{crs}>"
    assert headers["Blueprint-Release"] == release.id


@files
def test_a_language_changes_nothing_in_a_file(ask: Any, form: str) -> None:
    one, other = ask(f"{ITEMS}?f={form}"), ask(f"{ITEMS}?f={form}&lang=en")
    assert one.body == other.body and one.headers["ETag"] == other.headers["ETag"]


def test_a_file_is_the_same_in_the_tree_of_its_release_and_kept_there(ask: Any, release: Any) -> None:
    here, pinned = ask(f"{ITEMS}?f=gpkg"), ask(f"/releases/{release.id}{ITEMS}?f=gpkg")
    assert here.body == pinned.body and here.headers["ETag"] == pinned.headers["ETag"]
    assert here.headers["Cache-Control"] == "public, no-cache"
    assert "immutable" in pinned.headers["Cache-Control"]


@files
def test_a_file_is_never_coded_since_ranges_count_its_bytes(ask: Any, form: str, file: Any) -> None:
    answer = ask(f"{ITEMS}?f={form}", accept_encoding="gzip, zstd")
    assert "Content-Encoding" not in answer.headers and answer.body == file(form)


@pytest.mark.parametrize(
    "asked, first, last",
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-9", 0, 9),
        ("bytes=100-", 100, None),
        ("bytes=-10", -10, None),
        ("bytes=-99999999999", 0, None),
        ("bytes=7-99999999999999999999", 7, None),
        ("BYTES = 3-5", 3, 5),
        # What is not there is left out, and one is left.
        ("bytes=3-5,99999999999-", 3, 5),
    ],
)
@files
def test_a_range_is_these_bytes(
    ask: Any, form: str, file: Any, asked: str, first: int, last: int | None
) -> None:
    whole = file(form)
    start = first % len(whole)
    end = len(whole) - 1 if last is None else last
    answer = ask(f"{ITEMS}?f={form}", range=asked)
    assert answer.status == 206
    assert answer.headers["Content-Range"] == f"bytes {start}-{end}/{len(whole)}"
    assert answer.headers["Content-Type"] == MEDIA[form]
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert answer.body == whole[start : end + 1]


@given(cuts=st.sets(st.integers(0, 50_000), min_size=2, max_size=40).map(sorted))
def test_any_ranges_are_these_bytes_in_one_message(ask: Any, file: Any, cuts: list[int]) -> None:
    whole = file("flatgeobuf")
    pairs = list(zip(cuts[::2], cuts[1::2]))
    answer = ask(f"{ITEMS}?f=flatgeobuf", range="bytes=" + ", ".join(f"{a}-{b}" for a, b in pairs))
    assert answer.status == 206 and answer.headers["Content-Length"] == str(len(answer.body))
    expected = [(f"bytes {a}-{b}/{len(whole)}", whole[a : b + 1]) for a, b in pairs]
    if len(pairs) == 1:
        assert (answer.headers["Content-Range"], answer.body) == expected[0]
    else:
        assert "Content-Range" not in answer.headers
        assert spans(answer) == expected


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=99999999999-",
        "bytes=99999999998-99999999999,99999999999999-",
        "bytes=" + ",".join(f"{i * 9}-{i * 9}" for i in range(65)),
    ],
)
def test_ranges_that_are_not_there_or_too_many_are_refused(
    ask: Any, told: Callable[[Any], Any], file: Any, asked: str
) -> None:
    answer = ask(f"{ITEMS}?f=flatgeobuf", range=asked)
    assert answer.status == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(file('flatgeobuf'))}"
    assert str(ranges.MOST) in told(answer)["i18n"]["en"]["detail"]


@pytest.mark.parametrize(
    "asked",
    [
        *("", "bytes", "bytes=", "bytes=x-y", "bytes=5-3", "bytes=-", "bytes=--5", "bytes=-0", "lines=0-9"),
        *("bytes=0-9,5-12", "bytes=20-30,0-9", "bytes=0-9;20-29", f"bytes={'9' * 5000}-"),
    ],
)
def test_what_is_no_range_is_answered_with_the_whole(ask: Any, file: Any, asked: str) -> None:
    answer = ask(f"{ITEMS}?f=gpkg", range=asked)
    assert answer.status == 200 and answer.body == file("gpkg")


def test_if_range_takes_up_a_broken_download_of_the_same_file_alone(ask: Any, file: Any) -> None:
    whole, target = file("gpkg"), f"{ITEMS}?f=gpkg"
    tag = ask(target, "HEAD").headers["ETag"]
    assert ask(target, range="bytes=5-", if_range=tag).body == whole[5:]
    for other in ('"another"', f"W/{tag}", "Tue, 24 Nov 2026 08:00:00 GMT", "nonsense"):
        answer = ask(target, range="bytes=5-", if_range=other)
        assert answer.status == 200 and answer.body == whole


def test_who_has_the_file_already_is_told_so(ask: Any) -> None:
    target = f"{ITEMS}?f=flatgeobuf"
    tag = ask(target, "HEAD").headers["ETag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = ask(target, if_none_match=known, range="bytes=0-9")
        assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag)
    assert ask(target, if_none_match='"x"').status == 200


def test_a_head_says_how_long_the_file_is(ask: Any, file: Any) -> None:
    for headers in ({}, {"range": "bytes=0-9"}):
        answer = ask(f"{ITEMS}?f=geoparquet", "HEAD", **headers)
        assert (answer.status, answer.body) == (200, b"")
        assert answer.headers["Content-Length"] == str(len(file("geoparquet")))


@pytest.mark.parametrize("form", ["flatgeobuf", "geoparquet"])
def test_a_query_that_changes_the_answer_is_written_for_it(ask: Any, form: str, file: Any) -> None:
    for query in (
        "limit=5",
        "bbox=103,30,104,31",
        "properties=XZQMC",
        "crs=http://www.opengis.net/def/crs/EPSG/0/4490",
    ):
        answer = ask(f"{ITEMS}?f={form}&{query}", range="bytes=0-9")
        assert answer.status == 200 and answer.body != file(form)
        assert "Accept-Ranges" not in answer.headers
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="xzq_county.')


def test_a_geopackage_is_of_the_whole_layer_and_says_so_of_each_parameter(
    ask: Any, told: Callable[[Any], Any]
) -> None:
    answer = ask(f"{ITEMS}?f=gpkg&limit=5&bbox=1,2,3,4&JB=county&nonsense=1")
    assert answer.status == 400
    named = [error["parameter"] for error in told(answer)["errors"]]
    assert {"limit", "bbox", "JB"} <= set(named) and named.count("nonsense") == 2
    assert "whole layer" in told(answer)["i18n"]["en"]["detail"]


def test_a_wrong_language_is_a_fault_of_a_file_too(ask: Any) -> None:
    assert ask(f"{ITEMS}?f=gpkg&lang=fr").status == 400


def test_every_layer_has_its_files_and_its_document_links_to_them_with_their_length(
    ask: Any, release: Any, file: Any
) -> None:
    for layer in release.manifest.layers:
        document = ask(f"/collections/{layer.id}?f=json").json
        found = [link for link in document["links"] if link["rel"] == "enclosure"]
        assert [link["type"] for link in found] == list(MEDIA.values())
        for form, link in zip(MEDIA, found, strict=True):
            assert link["length"] == len(file(form, layer.id)), (layer.id, form)
            head = ask(link["href"], "HEAD")
            assert (head.status, head.headers["Content-Length"]) == (200, str(link["length"]))
            assert link["href"].replace("&", "&amp;") in ask(f"/collections/{layer.id}?f=html").body.decode()


def test_a_page_of_another_site_may_read_what_a_download_says(ask: Any) -> None:
    exposed = ask(f"{ITEMS}?f=flatgeobuf", "HEAD").headers["Access-Control-Expose-Headers"]
    for name in ("ETag", "Content-Range", "Accept-Ranges", "Content-Disposition", "OGC-NumberMatched"):
        assert name in exposed


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"bbox": "103.5,30,104.5,31", "limit": "20"},
        {"filter": "XZQMC LIKE '%江%'", "sortby": "-MJ"},
        {"crs": "http://www.opengis.net/def/crs/EPSG/0/4523", "properties": "XZQMC,MJ", "limit": "7"},
        {"skipGeometry": "true", "offset": "200"},
        {"zoom-level": "6", "datetime": "2025-12-01/.."},
        {"XZQMC": "没有"},
    ],
)
def test_every_form_of_a_query_has_the_same_features(ask: Any, tmp_path: Any, query: dict[str, str]) -> None:
    asked = {"limit": "500", **query}
    matched = ask(f"{ITEMS}?{urlencode(asked)}").json["numberMatched"]
    found = {}
    for form in FORMS:
        answer = ask(f"{ITEMS}?{urlencode({**asked, 'f': form})}")
        assert answer.status == 200, answer.body
        found[form] = rows(form, answer.body, tmp_path)
        if form not in ("geojson", "jsonfg"):
            assert answer.headers["OGC-NumberReturned"] == str(len(found[form]))
            assert answer.headers["OGC-NumberMatched"] == str(matched)
    expected = found.pop("geojson")
    for form, features in found.items():
        assert features.keys() == expected.keys(), form
        for name, (title, shape) in features.items():
            assert title == expected[name][0], form
            assert (shape is None) == (expected[name][1] is None), form
            if shape is not None:
                assert shape.equals_exact(expected[name][1], 1e-9) or turned(shape).equals_exact(
                    expected[name][1], 1e-9
                )
    assert ("XZQMC" in query) != bool(expected)


def turned(shape: Any) -> Any:
    return shapely.transform(shape, lambda xy: xy[:, ::-1])


def rows(form: str, body: bytes, folder: Any) -> dict[str, tuple[Any, Any]]:
    """Id -> name and geometry of each feature."""
    if form in ("geojson", "jsonfg", "geojsonseq"):
        documents = [json.loads(one) for one in body.split(b"\x1e") if one]
        features = documents if form == "geojsonseq" else documents[0]["features"]
        return {
            one["id"]: (
                one["properties"]["XZQMC"],
                (one.get("place") or one["geometry"])
                and shapely.geometry.shape(one.get("place") or one["geometry"]),
            )
            for one in features
        }
    if form == "csv":
        lines = csv.DictReader(io.StringIO(body.decode(), newline=""))
        return {
            one["XZQDM"]: (one["XZQMC"], shapely.from_wkt(one["WKT"]) if one.get("WKT") else None)
            for one in lines
        }
    path = folder / f"counties.{form}"
    path.write_bytes(body)
    if form == "flatgeobuf":
        meta, _, shapes, values = pyogrio.raw.read(path, columns=["XZQDM", "XZQMC"])
        names, titles = (values[list(meta["fields"]).index(name)] for name in ("XZQDM", "XZQMC"))
        return dict(zip(names, zip(titles, shapely.from_wkb(shapes)), strict=True))
    table = pq.read_table(path)
    names, titles = (table[name].to_pylist() for name in ("XZQDM", "XZQMC"))
    shapes = table["geometry"].to_pylist() if "geometry" in table.column_names else [None] * len(names)
    return dict(zip(names, zip(titles, (shape and shapely.from_wkb(shape) for shape in shapes)), strict=True))


def test_a_file_is_as_long_as_it_may_be_unless_a_limit_is_given(ask: Any) -> None:
    for form in ("csv", "geojsonseq"):
        assert ask(f"{ITEMS}?f={form}").headers["OGC-NumberReturned"] == "221"
        shorter = ask(f"{ITEMS}?f={form}&limit=100")
        assert shorter.headers["OGC-NumberReturned"] == "100"
        assert 'rel="next"' in shorter.headers["Link"]


def test_csv_for_a_spreadsheet_begins_with_its_mark(ask: Any, told: Callable[[Any], Any]) -> None:
    plain, marked = ask(f"{ITEMS}?f=csv"), ask(f"{ITEMS}?f=csv&bom=true")
    assert marked.body == b"\xef\xbb\xbf" + plain.body
    assert plain.headers["Content-Type"] == "text/csv; charset=utf-8"
    wrong = ask(f"{ITEMS}?f=csv&bom=yes")
    assert wrong.status == 400 and told(wrong)["errors"][0]["parameter"] == "bom"


@pytest.mark.parametrize(
    "form, media", [("csv", "text/csv"), ("geojsonseq", "application/geo+json-seq"), *MEDIA.items()]
)
def test_a_form_is_chosen_by_its_media_type_too(ask: Any, form: str, media: str) -> None:
    assert ask(ITEMS, accept=media).body == ask(f"{ITEMS}?f={form}").body


class Counted:
    """The application behind a real socket, counting the bytes of bodies."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self._application = application
        self.sent = 0

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        for piece in self._application(environ, start):
            self.sent += len(piece)
            yield piece


@pytest.fixture(scope="module")
def counted(application: Callable[..., Any], free_port: Callable[[], int]) -> Iterator[tuple[str, Counted]]:
    """The address of the application, and what it has sent."""
    counting = Counted(application)
    server = make_server("127.0.0.1", free_port(), counting, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}", counting
    server.shutdown()
    thread.join()
    server.server_close()


def test_gdal_reads_an_area_of_a_flatgeobuf_by_ranges(counted: tuple[str, Counted], file: Any) -> None:
    address, counting = counted
    box = (106.50, 29.50, 106.56, 29.56)
    # In a process of its own: while GDAL reads, it lets no other thread of its process run.
    script = (
        "import json, pyogrio, shapely, sys\n"
        "meta, _, shapes, _ = pyogrio.raw.read(sys.argv[1], bbox=tuple(json.loads(sys.argv[2])))\n"
        "hit = shapely.intersects(shapely.box(*json.loads(sys.argv[2])), shapely.from_wkb(shapes))\n"
        "print(json.dumps([list(meta['fields']), len(shapes), bool(hit.all())]))"
    )
    url = f"/vsicurl/{address}/collections/ghfq/items?f=flatgeobuf"
    command = [sys.executable, "-c", script, url, json.dumps(box)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    fields, count, all_touch = json.loads(run.stdout)
    assert 0 < count < 100 and "GHFQDM" in fields and all_touch
    assert counting.sent < len(file("flatgeobuf", "ghfq")) / 4


class Ranges(io.RawIOBase):
    """A file over HTTP, each read a range."""

    def __init__(self, ask: Any, target: str) -> None:
        self._ask, self._target = ask, target
        self._size = int(ask(target, "HEAD").headers["Content-Length"])
        self._at, self.taken = 0, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        if not len(buffer) or self._at >= self._size:
            return 0
        body = self._ask(self._target, range=f"bytes={self._at}-{self._at + len(buffer) - 1}").body
        buffer[: len(body)] = body
        self._at += len(body)
        self.taken += len(body)
        return len(body)


def test_geopandas_reads_a_geoparquet_and_some_columns_of_it_by_ranges(ask: Any, file: Any) -> None:
    remote = Ranges(ask, "/collections/ghfq/items?f=geoparquet")
    frame = geopandas.read_parquet(remote)
    assert len(frame) == pq.read_metadata(io.BytesIO(file("geoparquet", "ghfq"))).num_rows
    assert frame.crs == "OGC:CRS84"
    remote = Ranges(ask, "/collections/ghfq/items?f=geoparquet")
    assert pq.read_table(remote, columns=["GHFQDM"]).num_rows == len(frame)
    assert remote.taken < len(file("geoparquet", "ghfq")) / 4
