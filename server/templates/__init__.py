"""Pages: one Jinja environment, made once; what every template may use stands in `render`.

Templates hold both languages beside each other, `{{ t("图层", "Layers") }}`, so that neither is forgotten.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from config.models import Field, Lang
from server import assets
from server.ask import Ask
from server.naming import named


def render(template: str, ask: Ask, **context: Any) -> str:
    """A page in the reader's language."""
    # A language chosen by hand stays chosen on the pages that this one leads to.
    kept = {"lang": ask.args["lang"]} if "lang" in ask.args else {}
    return (
        _environment()
        .get_template(template)
        .render(
            ask=ask,
            links=ask.links,
            kept=kept,
            t=ask.say,
            text=ask.text,
            again=lambda **changes: again(ask, **changes),
            asset=lambda name: ask.links.asset(f"{assets.digest()}/{name}"),
            shown=lambda field, value: shown(ask, field, value),
            named=lambda layer, properties: named(layer, ask.lang, properties),
            **context,
        )
    )


def alone(template: str, lang: Lang, **context: Any) -> str:
    """A page of no release and for no `Ask`, in the reader's language."""
    return (
        _environment()
        .get_template(template)
        .render(
            t=lambda zh, en: en if lang == "en" else zh,
            text=lambda value: value.of(lang),
            **context,
        )
    )


def again(ask: Ask, **changes: str | None) -> str:
    """The address of this page with other parameters; None takes one away."""
    wanted = {**ask.args.to_dict(), **changes}
    query = urlencode({name: value for name, value in wanted.items() if value is not None})
    return ask.links.base + ask.path + (f"?{query}" if query else "")


def shown(ask: Ask, field: Field, value: Any) -> str:
    """A value as a reader wants it: codes by their titles, numbers grouped, nothing as a dash."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return ask.say("是", "yes") if value else ask.say("否", "no")
    if isinstance(value, list):
        return ask.say("、", ", ").join(shown(ask, field, member) for member in value)
    if field.codelist:
        code = ask.manifest.service.codelists[field.codelist].code(str(value))
        title = code.title.of(ask.lang) if code else str(value)
        return title if title == str(value) else f"{title} ({value})"
    if isinstance(value, int) and field.unit:
        return f"{value:,}"
    if isinstance(value, float):
        # Rounded first: written with six decimals, a large number ends in digits that it does not have.
        return f"{round(value, 6):,}".removesuffix(".0")
    return str(value)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("server"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    environment.filters["grouped"] = lambda number: f"{number:,}"
    environment.filters["size"] = _size
    return environment


def _size(count: int) -> str:
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:,.1f} kB" if count < 1024**2 else f"{count / 1024**2:,.1f} MB"
