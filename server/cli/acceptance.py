"""`--accept RULE --reason TEXT`: warnings that the person who publishes takes upon himself.

    blueprint publish --accept sliver --accept spike --reason "as surveyed" --by "Li Hua"

One reason goes for all rules accepted, or each has its own, in the same order. A rule that does not exist, or whose
findings keep a candidate from being published, stops the command before anything is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from server.cli.exits import Exit, Stopped
from server.cli.language import say

if TYPE_CHECKING:
    from config.models import Service
    from releases.findings import Finding
    from releases.manifest import Waiver


def accept_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options `--accept` and `--reason`: arguments `accepted` and `reasons`, tuples of texts."""
    reason = click.option(
        "--reason",
        "reasons",
        metavar="TEXT",
        multiple=True,
        help=say("接受的理由：共用一条，或逐条对应", "Why: one for all that is accepted, or one for each"),
    )
    accept = click.option(
        "--accept",
        "accepted",
        metavar="RULE",
        multiple=True,
        help=say(
            "接受一条规则的警告，记入清单；须改正的问题不能接受",
            "Accept a rule's warnings, recorded in the manifest; what refuses cannot be accepted",
        ),
    )
    return accept(reason(command))


def waivers(service: Service, accepted: Sequence[str], reasons: Sequence[str], by: str) -> tuple[Waiver, ...]:
    """What is accepted, in order, each rule once; Stopped when the options make no sense."""
    from releases.manifest import Waiver

    for rule in accepted:
        _acceptable(service, rule)
    if reasons and not accepted:
        raise Stopped(
            Exit.USAGE,
            "--reason 须与 --accept RULE 一起使用",
            "--reason is of no use without --accept RULE",
        )
    said = [reason.strip() for reason in reasons]
    if accepted and (not said or not all(said)):
        raise Stopped(
            Exit.USAGE,
            f"接受 {', '.join(accepted)} 须说明理由：--reason TEXT",
            f"accepting {', '.join(accepted)} needs a reason: --reason TEXT",
        )
    if len(said) not in (0, 1, len(accepted)):
        raise Stopped(
            Exit.USAGE,
            f"--accept 有 {len(accepted)} 个，--reason 有 {len(said)} 个；应为一条共用，或逐条对应",
            f"{len(accepted)} --accept and {len(said)} --reason; expected one reason for all, or one for each",
        )
    paired = zip(accepted, said * len(accepted) if len(said) == 1 else said)
    return tuple(Waiver(rule=rule, reason=reason, by=by) for rule, reason in dict(paired).items())


def idle(accepted: Iterable[Waiver], findings: Iterable[Finding]) -> tuple[str, ...]:
    """The rules that were accepted although nothing was found of them as a warning."""
    warned = {finding.rule for finding in findings if finding.severity == "warn"}
    return tuple(waiver.rule for waiver in accepted if waiver.rule not in warned)


def _acceptable(service: Service, rule: str) -> None:
    from config.nearest import nearest
    from releases.gate import RULES, Rules

    if rule not in RULES:
        meant = nearest(rule, tuple(RULES))
        raise Stopped(
            Exit.USAGE,
            f"没有规则 {rule!r}" + (f"；是否指 {meant}？" if meant else "；规则列表见 docs/gate.md"),
            f"there is no rule {rule!r}"
            + (f"; did you mean {meant}?" if meant else "; docs/gate.md lists the rules"),
        )
    severity = Rules.of(service.gate).severity(rule)
    if severity == "refuse":
        raise Stopped(
            Exit.USAGE,
            f"规则 {rule} 的问题须改正，绝不能接受",
            f"{rule} is never accepted: what it finds has to be mended",
        )
    if severity == "note":
        raise Stopped(
            Exit.USAGE,
            f"规则 {rule} 只作提示，无需接受",
            f"{rule} only gives notes: there is nothing to accept",
        )
