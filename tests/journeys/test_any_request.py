"""Requests of every kind that the API definition allows, and of kinds that it forbids: none may end in what it does not say.

schemathesis makes them of the definition itself, always the same ones, and every answer is held against it: no server
error, no status, media type or body that it does not name. ANY_REQUEST says how many cases there are; without it there
are CASES, which take about a minute.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CASES = 2_000
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@pytest.fixture(scope="module")
def operations(application: Callable[..., Any]) -> list[Any]:
    """Every operation of the definition, as schemathesis reads it from the application."""
    schema = schemathesis.openapi.from_wsgi("/api", application)
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.timeout(7200)
def test_no_request_ends_in_what_the_definition_does_not_say(operations: list[Any]) -> None:
    wanted = int(os.environ.get("ANY_REQUEST", CASES))
    each = -(-wanted // (len(operations) * len(MODES)))
    statuses: dict[int, int] = {}
    failures: dict[tuple[str, str], str] = {}
    for operation in operations:
        for mode in MODES:
            hold(operation, mode, each, statuses, failures)
    print(f"{sum(statuses.values())} cases of {len(operations)} operations: {dict(sorted(statuses.items()))}")
    assert not failures, "\n\n".join(f"{kind}: {text}" for kind, text in failures.items())
    assert sum(statuses.values()) >= wanted * 0.9
    assert {200, 400, 404} <= statuses.keys()


def hold(
    operation: Any,
    mode: GenerationMode,
    each: int,
    statuses: dict[int, int],
    failures: dict[tuple[str, str], str],
) -> None:
    """Make requests of an operation; one failure of each kind is kept, with the request that shows it."""

    @settings(
        max_examples=each,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def requests(case: Any) -> None:
        # The transport does not decode what a client would.
        response = case.call(headers={"Accept-Encoding": "identity"})
        statuses[response.status_code] = statuses.get(response.status_code, 0) + 1
        try:
            case.validate_response(response, checks=CHECKS)
        except schemathesis.core.failures.FailureGroup as group:
            for one in group.exceptions:
                failures.setdefault((operation.label, one.title), f"{case.as_curl_command()}\n{one}")

    requests()
