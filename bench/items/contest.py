"""The cases measured: who offers a case answers it in turns, round by round."""

from __future__ import annotations

import http.client
import random
import re
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from bench import load
from bench.items.asks import Ask
from bench.items.cases import Case, Cold
from bench.items.dialects import Unanswered
from bench.items.sample import Sample
from bench.load import Answers

CONNECTIONS = 4
#: Connections that wait for answers, of which there come fewer than FEW in a measurement.
WAITING = 2
FEW = 10
#: Questions of a cold measurement: more than anybody answers in it.
QUESTIONS = 4_000
#: Seconds in which it is found out how long a new question takes.
TRY = 0.1
#: Sizes of pages of which the last is measured against the first, in turns.
DEEP = (10, 100, 1_000)
#: Seconds of an answer above which one round has to do.
LONG = 1.5
#: What the beginning of a page in a form must hold: an answer in another form is none.
SIGNATURES = {
    "geojson": rb'"FeatureCollection"',
    "jsonfg": rb'"conformsTo"',
    "geojsonseq": rb'^\x1e?\{"type":\s*"Feature"',
    "csv": rb"^(\xef\xbb\xbf)?\"?\w+\"?,",
    "html": rb"(?i)<html",
    "flatgeobuf": rb"^fgb",
    "geoparquet": rb"^PAR1",
}
HEAD = 4096
_MATCHED = re.compile(rb'"numberMatched":\s*(\d+)')


class Dialect(Protocol):
    """How a server is asked."""

    def path(self, ask: Ask) -> str | None:
        """The path and query that asks for it, None when the server does not offer it."""


class Contender(NamedTuple):
    """A running server and how it is asked."""

    address: str
    dialect: Dialect

    def paths(self, asks: Iterable[Ask]) -> list[str]:
        """The paths of what it offers."""
        return [path for ask in asks if (path := self.dialect.path(ask)) is not None]


class Tried(NamedTuple):
    """A server's answer to a case: bytes of the body, seconds, and how many features match, if it says so."""

    size: int
    seconds: float
    matched: int | None


class Contest:
    """Cases measured among running servers. `rows` has one for each case, temper and server, `absent` why one is missing."""

    def __init__(self, contenders: Mapping[str, Contender], seconds: float, rounds: int) -> None:
        self.rows: list[dict[str, Any]] = []
        self.absent: list[str] = []
        self._contenders = contenders
        self._seconds = seconds
        self._rounds = rounds

    def measure(self, case: Case) -> None:
        """Let all who offer a case answer it."""
        tried: dict[str, Tried] = {}
        for name, contender in self._contenders.items():
            try:
                if contender.dialect.path(case.hot[0]) is not None:
                    tried[name] = attempt(contender, case)
            except (Unanswered, OSError, http.client.HTTPException) as fault:
                self._missing(name, case, fault)
        for temper in ("hot", "cold") if case.cold else ("",):
            if case.cold and temper == "cold":
                tried = self._tried_cold(case, case.cold, tried)
            taken: dict[str, list[Answers]] = {name: [] for name in tried}
            for number in range(self._rounds):
                self._round(number, case, temper, tried, taken)
            self.rows += _rows(case, temper, tried, taken)

    def _round(
        self,
        number: int,
        case: Case,
        temper: str,
        tried: Mapping[str, Tried],
        taken: Mapping[str, list[Answers]],
    ) -> None:
        """One turn of each server; the first is another one in each round."""
        asks: Sequence[Ask] = case.hot
        if temper == "cold" and case.cold:
            chance = random.Random(f"{case.name} {number}")
            asks = [case.cold(chance) for _ in range(QUESTIONS)]
        names = list(tried)
        for name in names[number % max(1, len(names)) :] + names[: number % max(1, len(names))]:
            if len(taken[name]) < number or (number and tried[name].seconds > LONG):
                continue
            try:
                answers = self._answers(name, asks, case, tried[name], once=temper == "cold")
            except load.Unable as fault:
                self._missing(name, case, fault)
                continue
            taken[name].append(answers)
            print(
                f"{case.name} {temper} {name}: {answers.per_second:,.1f}/s {answers.median * 1e3:.2f} ms",
                flush=True,
            )

    def _answers(self, name: str, asks: Sequence[Ask], case: Case, tried: Tried, once: bool) -> Answers:
        address, paths = self._contenders[name].address, self._contenders[name].paths(asks)
        if tried.seconds * FEW > self._seconds:
            return load.wait(address, paths, WAITING, 2 * self._seconds, case.coding)
        return load.measure(address, paths, CONNECTIONS, self._seconds, once, case.coding)

    def _tried_cold(self, case: Case, cold: Cold, tried: Mapping[str, Tried]) -> dict[str, Tried]:
        """The same with the seconds that questions take which nobody asked before."""
        chance = random.Random(f"{case.name} try")
        questions = [cold(chance) for _ in range(QUESTIONS // 10)]
        found = {}
        for name, hot in tried.items():
            contender = self._contenders[name]
            try:
                answers = load.wait(contender.address, contender.paths(questions), 1, TRY, case.coding)
                found[name] = hot._replace(seconds=answers.median)
            except load.Unable as fault:
                self._missing(name, case, fault)
        return found

    def _missing(self, name: str, case: Case, fault: Exception) -> None:
        self.absent.append(f"{name}, {case.title}: {' '.join(str(fault).split())[:200]}")
        print(self.absent[-1], flush=True)


def attempt(contender: Contender, case: Case) -> Tried:
    """Ask for all that is asked for hot, and time the first when it is asked again, unless that takes too long.

    Unanswered when something is refused.
    """
    paths = contender.paths(case.hot if case.cold else case.hot[:1])
    connection = http.client.HTTPConnection(urlsplit(contender.address).netloc, timeout=load.PATIENCE)
    seconds = 0.0
    for path in [*paths, paths[0]]:
        if seconds > LONG:
            break
        began = time.perf_counter()
        connection.request("GET", path, headers={"Accept-Encoding": case.coding})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise Unanswered(f"answered {answer.status}: {body[:160].decode(errors='replace')}")
        seconds = time.perf_counter() - began
    connection.close()
    packed = answer.getheader("Content-Encoding", "identity") != "identity"
    if not packed and case.hot[0].item is None and not re.search(SIGNATURES[case.hot[0].form], body[:HEAD]):
        raise Unanswered(f"answered {answer.getheader('Content-Type')}, not {case.hot[0].form}")
    matched = _MATCHED.search(body)
    return Tried(len(body), seconds, int(matched[1]) if matched else None)


def _rows(
    case: Case, temper: str, tried: Mapping[str, Tried], taken: Mapping[str, list[Answers]]
) -> list[dict[str, Any]]:
    return [
        {
            "case": case.name,
            "title": case.title,
            "temper": temper,
            "limit": case.hot[0].limit,
            "server": name,
            "per_second": statistics.median(one.per_second for one in answers),
            "median": statistics.median(one.median for one in answers),
            "refused": statistics.median(one.refused for one in answers),
            "ratio": ratio(
                [one.per_second for one in taken.get("ours", [])], [one.per_second for one in answers]
            ),
            "size": tried[name].size,
            "matched": tried[name].matched,
        }
        for name, answers in taken.items()
        if answers
    ]


def deep(ours: Contender, sample: Sample, seconds: float, rounds: int) -> list[dict[str, Any]]:
    """How many times longer ours takes for the last page than for the first, in turns, by the size of the page."""
    rows = []
    for limit in DEEP:
        paths = ours.paths([Ask(limit), sample.last(limit)])
        taken = [
            [
                load.measure(ours.address, [path], CONNECTIONS, seconds, once=False).per_second
                for path in paths
            ]
            for _ in range(rounds)
        ]
        first, last = zip(*taken)
        rows.append(
            {
                "limit": limit,
                "ratio": ratio(first, last),
                "first": statistics.median(first),
                "last": statistics.median(last),
            }
        )
        print(f"deep {limit}: {taken}", flush=True)
    return rows


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """The median of the ratios within a round, of the rounds that both have."""
    ratios = [mine / other for mine, other in zip(ours, theirs) if other]
    return statistics.median(ratios) if ratios else None
