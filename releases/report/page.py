"""The report as a page in each language: one file with everything in it, for a screen, a telephone and paper.

It asks for nothing from anywhere, needs no script, and is the same bytes for equal candidates. A head of department reads its
first screen; whoever mends the data goes on to the findings, each with a picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from config.models import Lang, RuleSetting, Severity, Text
from releases.gate import RULES, Rule
from releases.report import closeup, names
from releases.report.contents import SUBJECTS, Contents
from releases.report.examined import SEVERITIES, Examined

#: What the severities ask of a reader.
WORDS: Final[Mapping[Severity, Text]] = {
    "refuse": Text(zh="必须改正", en="To be mended"),
    "warn": Text(zh="警告", en="Warning"),
    "note": Text(zh="提示", en="Note"),
}
_UNITS: Final = {"m2": "m²", "deg": "°", "m": "m", "1": ""}


def pages(examined: Examined) -> dict[Lang, bytes]:
    """The page in each language."""
    contents = Contents.of(examined)
    return {lang: _page(contents, lang).encode() for lang in names.PAGES}


def _page(contents: Contents, lang: Lang) -> str:
    service = contents.examined.service
    titles = {layer.id: layer.title.of(lang) for layer in service.layers}
    authorities = {one.id: one.title.of(lang) for one in service.authorities}
    shared = "多方共同或无归属" if lang == "zh" else "Shared, or nobody's alone"
    return (
        _environment()
        .get_template("report.html")
        .render(
            lang=lang,
            t=lambda zh, en: zh if lang == "zh" else en,
            text=lambda value: value.of(lang),
            contents=contents,
            examined=contents.examined,
            service=service,
            words=WORDS,
            severities=SEVERITIES,
            subjects=SUBJECTS,
            names=names,
            size=(closeup.WIDTH, closeup.HEIGHT),
            layer=lambda name: titles.get(name, name) if name else "—",
            authority=lambda name: authorities.get(name, name) if name else shared,
            quantity=quantity,
            rule_title=lambda name: RULES[name].title.of(lang),
            anchor=anchor,
            many=lambda count, noun: f"{count:,} {noun}{'' if count == 1 else 's'}",
            changed=lambda rule, setting: changed(rule, setting, lang),
        )
    )


def anchor(rule: str, authority: str | None, layer: str | None) -> str:
    """Where on the page the findings of a rule in a layer of an authority are."""
    return ".".join((rule, authority or "", layer or ""))


def changed(rule: Rule, setting: RuleSetting, lang: Lang) -> str:
    """What an operator set for a rule, and why."""
    title, reason = rule.title.of(lang), setting.reason.of(lang)
    said = []
    if setting.severity == "off":
        said.append("不检查" if lang == "zh" else "is not looked at")
    elif setting.severity is not None:
        word = WORDS[setting.severity].of(lang)
        said.append(f"改为“{word}”" if lang == "zh" else f"is “{word.lower()}”")
    if setting.limit is not None:
        size, usual = quantity(setting.limit, rule.unit), quantity(rule.limit or 0, rule.unit)
        said.append(
            f"限值 {size}（缺省 {usual}）" if lang == "zh" else f"has the limit {size} (default {usual})"
        )
    if lang == "zh":
        return f"“{title}”{'，'.join(said)}：{reason}"
    return f"“{title}” {' and '.join(said)}: {reason}"


def quantity(value: float, unit: str | None) -> str:
    """A size with its unit (UCUM) as a reader has it: `0.5 m`, `12 ha`, `3.2 %`."""
    if unit == "1":
        return f"{value * 100:.4g} %"
    if unit == "m2" and value >= 10_000:
        return f"{value / 10_000:,.6g} ha"
    if unit == "m" and value >= 10_000:
        return f"{value / 1000:,.4g} km"
    shown = f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    name = _UNITS.get(unit or "", unit or "")
    return f"{shown}{'' if name == '°' or not name else ' '}{name}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("releases.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    environment.filters["grouped"] = lambda number: f"{number:,}"
    return environment
