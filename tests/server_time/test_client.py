"""A client that is not ours (memento-client, of the standard's authors) finds the states of our resources."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from memento_client import MementoClient
from werkzeug.serving import WSGIRequestHandler, make_server

RESOURCES = (
    "/collections/parishes",
    "/collections/parishes/items?limit=2&use=wood",
    "/collections/parishes/items/N01",
    "/styles/blueprint",
)


class Quiet(WSGIRequestHandler):
    """Answers and says nothing on the terminal."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Keep silent."""


@pytest.fixture(scope="module")
def address(server: Any) -> Iterator[str]:
    """Where the server answers over HTTP."""
    running = make_server("127.0.0.1", 0, server, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture(params=["the resource itself", "the timegate's address before it"])
def client(address: str, request: pytest.FixtureRequest) -> Iterator[MementoClient]:
    """A client of each way to name a timegate."""
    with MementoClient("" if request.param.startswith("the resource") else f"{address}/timegate/") as client:
        yield client


@pytest.mark.parametrize("resource", RESOURCES)
def test_the_client_finds_the_state_of_a_time_and_those_beside_it(
    client: MementoClient, address: str, years: Any, resource: str
) -> None:
    found = client.get_memento_info(address + resource, datetime(2026, 3, 15))
    assert found["original_uri"] == address + resource
    states = found["mementos"]
    expected = {"closest": years.third, "first": years.first, "last": years.fourth}
    times = {
        "closest": datetime(2026, 3, 1, 12),
        "first": datetime(2026, 1, 1, 12),
        "last": datetime(2026, 4, 1, 12),
    }
    for name, release in expected.items():
        assert states[name]["uri"] == [f"{address}/releases/{release}{resource}"], name
        assert states[name]["datetime"] == times[name]
    assert states["closest"]["http_status_code"] == 200


def test_the_client_comes_from_a_state_back_to_the_resource(
    client: MementoClient, address: str, years: Any
) -> None:
    state = f"{address}/releases/{years.third}/collections/parishes"
    assert client.get_original_uri(state) == f"{address}/collections/parishes"
    found = client.get_memento_info(state, datetime(2020, 1, 1))
    assert found["mementos"]["closest"]["uri"] == [f"{address}/releases/{years.first}/collections/parishes"]


def test_the_client_tells_states_and_timegates_from_other_resources(address: str, years: Any) -> None:
    current, state = f"{address}/collections", f"{address}/releases/{years.third}/collections"
    march = "Sun, 15 Mar 2026 00:00:00 GMT"
    assert MementoClient.is_timegate(current, march)
    assert MementoClient.is_timegate(f"{address}/timegate/{current}", march)
    assert MementoClient.is_memento(state) and not MementoClient.is_memento(current)
    draft = f"{address}/releases/{years.draft}/collections"
    assert not MementoClient.is_memento(draft) and not MementoClient.is_timegate(draft, march)
