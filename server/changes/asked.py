"""The parameters of a page of changes, read into one value; every fault of theirs at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from releases.release import Release
from server.ask import Ask, unknown
from server.changes.since import since
from server.items.asked import HTML_MAX, whole
from server.items.cursor import Cursors
from server.params import read, truth
from server.problems import BadRequest, Fault

PARAMETERS: Final = ("since", "limit", "cursor", "before")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: changes since a release, at most `limit` behind the first `start`, with features as they were."""

    since: Release
    limit: int
    start: int
    before: bool
    cursors: Cursors


def asked(ask: Ask, layer_id: str) -> Asked:
    """Read the parameters. BadRequest names every fault; NotFound or ReleasePruned for a release that is not there."""
    args, limits = ask.args, ask.service.limits
    faults: list[Fault] = [*ask.faults, *unknown(args, ("f", "lang", *PARAMETERS))]
    before = since(ask, faults)
    longest = min(limits.items_max, HTML_MAX) if ask.form == "html" else limits.items_max
    # A file says nothing of a next page, so it is as long as it may be.
    usual = limits.items_default if ask.form in ("json", "html") else longest
    limit = read(args, "limit", partial(whole, least=1, most=longest), faults)
    with_before = read(args, "before", truth, faults) or False
    cursors = Cursors("changes", before, ask.release.id, layer_id)
    # A cursor is bound to the releases, so it makes no sense to judge it by a wrong one.
    start = read(args, "cursor", cursors.start, faults) if before else None
    if faults:
        raise BadRequest(*faults)
    return Asked(ask.catalogue.get(before), limit or min(usual, longest), start or 0, with_before, cursors)
