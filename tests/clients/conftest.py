"""Real clients: found on the machine, or the test is skipped with a line that says so (never in CI)."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest

SYSTEM_PYTHON = "/usr/bin/python3"
OPENING = """
import json, sys
from qgis.core import QgsApplication
QgsApplication.setPrefixPath("/usr", True)
application = QgsApplication([], True)
application.initQgis()
messages = []
application.messageLog().messageReceived.connect(lambda text, tag, level: messages.append(f"{tag}: {text}"))

def tell(answer):
    print("ANSWER " + json.dumps(answer | {"messages": messages}, ensure_ascii=False))
    sys.stdout.flush()
"""


@pytest.fixture(scope="session")
def qgis(need: Callable[[bool, str], None]) -> str:
    """The Python that QGIS was installed for."""
    probe = [SYSTEM_PYTHON, "-c", "import qgis.core"]
    present = (
        shutil.which(SYSTEM_PYTHON) is not None and subprocess.run(probe, capture_output=True).returncode == 0
    )
    need(present, "QGIS (python3-qgis)")
    return SYSTEM_PYTHON


@pytest.fixture
def ask_qgis(qgis: str, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Run a script in QGIS, offscreen, with an empty profile; what it passes to `tell`, and QGIS' message log."""

    def ask(script: str, *arguments: str) -> dict[str, Any]:
        environment = {
            "QT_QPA_PLATFORM": "offscreen",
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(tmp_path),
            "XDG_RUNTIME_DIR": str(tmp_path),
        }
        run = subprocess.run(
            [qgis, "-c", OPENING + script, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        lines = [line for line in run.stdout.splitlines() if line.startswith("ANSWER ")]
        assert lines, run.stdout + run.stderr
        answer: dict[str, Any] = json.loads(lines[0].removeprefix("ANSWER "))
        return answer

    return ask


class Heard(NamedTuple):
    """A request that a client made, and the status that it got."""

    method: str
    path: str
    query: dict[str, str]
    status: int


class Ear:
    """Between a client and the server: hands on every request unchanged and remembers it.

    The client's Host goes with it, so that the links of an answer lead here again. The client must be another process:
    pyogrio holds Python still while it reads.
    """

    def __init__(self, address: str) -> None:
        self.heard: list[Heard] = []
        heard, server = self.heard, urlsplit(address).netloc

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                connection = http.client.HTTPConnection(server, timeout=60)
                connection.request(self.command, self.path, headers=dict(self.headers))
                answer = connection.getresponse()
                body = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                        self.send_header(name, value)
                # Of a HEAD it is the length that a GET would have.
                self.send_header("Content-Length", answer.getheader("Content-Length") or str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                connection.close()
                asked = urlsplit(self.path)
                heard.append(Heard(self.command, asked.path, dict(parse_qsl(asked.query)), answer.status))

            do_HEAD = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def pages(self) -> list[dict[str, str]]:
        """The queries of the pages of items that were asked for, without the sample by which a client learns the fields."""
        found = [one.query for one in self.heard if one.path.endswith("/items") and one.method == "GET"]
        assert all(one.status in (200, 206, 304) for one in self.heard), self.heard
        return found[1:]

    def stop(self) -> None:
        """Hand on nothing more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def ear(live: str) -> Iterator[Ear]:
    """Listen to what a client asks of the running server."""
    ear = Ear(live)
    yield ear
    ear.stop()
