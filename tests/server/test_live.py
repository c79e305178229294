"""One real server: Granian with its workers, asked over a socket."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

TILE = "/tiles/WebMercatorQuad/8/104/203"


def get(address: str, target: str, method: str = "GET", **headers: str) -> tuple[int, Any, bytes]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    try:
        connection.request(
            method, target, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def raw(address: str, request: bytes) -> bytes:
    """What the server sends back on a connection of its own."""
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=30) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_features_and_tiles_come_over_the_wire_as_they_are(live: str, ask: Any) -> None:
    status, headers, body = get(live, "/collections/xzq_county/items?limit=1000")
    assert status == 200 and headers["Content-Type"] == "application/geo+json"
    assert json.loads(body)["numberMatched"] == 221
    status, headers, body = get(live, TILE, Accept_Encoding="gzip")
    assert status == 200 and headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == ask(TILE).body
    status, headers, _ = get(live, TILE, Accept_Encoding="gzip", If_None_Match=headers["ETag"])
    assert status == 304


def test_head_has_the_length_and_no_body(live: str) -> None:
    for target in ("/", TILE, "/collections/xzq_county/items"):
        length = len(get(live, target)[2])
        host = urlsplit(live).netloc
        answer = raw(live, f"HEAD {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        head, _, body = answer.partition(b"\r\n\r\n")
        assert body == b"" and f"content-length: {length}".encode() in head.lower()


@pytest.mark.parametrize(
    "line, status",
    [
        ("GET /%00 HTTP/1.1", 400),
        ("GET /%ff%fe HTTP/1.1", 400),
        ("GET /collections/../../etc/passwd HTTP/1.1", 400),
        ("GET /collections/xzq_county/items?XZQMC=%zz HTTP/1.1", 400),
        ("GET /collections/%zz HTTP/1.1", 404),
        ("GET /中文 HTTP/1.1", 404),
        ("BREW / HTTP/1.1", 405),
        ("DELETE /collections/xzq_county HTTP/1.1", 405),
        ("OPTIONS * HTTP/1.1", 204),
        (f"GET /{'a' * 10_000} HTTP/1.1", 414),
        (f"GET /{'a' * 100_000} HTTP/1.1", 414),
    ],
)
def test_malformed_request_lines_are_4xx(live: str, line: str, status: int) -> None:
    answer = raw(live, f"{line}\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:200]


def test_a_hostile_host_is_400(live: str) -> None:
    answer = raw(live, b"GET / HTTP/1.1\r\nHost: <script>\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ") and b"application/problem+json" in answer


def test_a_second_server_on_a_taken_port_says_so_and_ends(live: str) -> None:
    port = str(urlsplit(live).port)
    command = [sys.executable, "-m", "server.cli", "--lang", "en", "serve", "--port", port]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert run.returncode == 3
    assert f":{port} is taken" in run.stderr and "Traceback" not in run.stderr


def test_it_tells_where_the_map_is_and_ends_when_it_is_told_to(
    serve: Any, published: Any, tmp_path: Path
) -> None:
    (tmp_path / "published").symlink_to(published.published)
    server = serve(tmp_path, BLUEPRINT_LANG="en")
    end = time.monotonic() + 30
    while f"{server.address}/\n" not in server.log.read_text() and time.monotonic() < end:
        time.sleep(0.05)
    assert f"{server.address}/map\n" in server.log.read_text()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(30) == 0


def test_it_serves_the_first_release_as_soon_as_there_is_one(
    published: Any, tmp_path: Path, free_port: Any, root: Path
) -> None:
    port = free_port()
    environment = {
        **os.environ,
        "BLUEPRINT_PUBLISHED": str(tmp_path / "published"),
        "BLUEPRINT_WORKERS": "1",
        "BLUEPRINT_LANG": "en",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "server.cli", "serve"]
    with subprocess.Popen(command, env=environment, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "nothing is published yet" in process.stdout.readline()
            assert get(f"http://127.0.0.1:{port}", "/healthz")[0] == 200
            assert get(f"http://127.0.0.1:{port}", "/collections")[0] == 503
            (tmp_path / "published").symlink_to(published.published)
            assert "ready" in process.stdout.readline()
            assert get(f"http://127.0.0.1:{port}", "/collections")[0] == 200
        finally:
            process.terminate()
            process.wait(30)
