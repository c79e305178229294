"""One request as every view sees it: which release, which tree, which language and form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from werkzeug.datastructures import MultiDict

from config.models import Lang, Limits, Service, Text
from releases.manifest import Manifest
from releases.release import Catalogue, Release
from server import freshness, languages
from server.incoming import Incoming
from server.links import HTML, JSON, Links
from server.problems import BadRequest, Fault, NotAcceptable

JSON_HTML: Mapping[str, str] = {"json": JSON, "html": HTML}


@dataclass(frozen=True, slots=True)
class Route:
    """A resource: its path below a tree, the view, its forms (f -> media type, the first is the default), its
    parameters.

    `parameters` are those beside f and lang; None leaves the check to the view. `pinned` is False for what
    does not belong to a release.
    """

    rule: str
    view: Callable[..., Any]
    forms: Mapping[str, str] = field(default_factory=lambda: JSON_HTML)
    parameters: tuple[str, ...] | None = ()
    pinned: bool = True


@dataclass(frozen=True, slots=True)
class Ask:
    """See above; `form` is a key of the route's forms, `media` its media type.

    `tag` names the answer before it is made, since all that it depends on is known: the request, the release and
    the service's limits; and for what is of no release, how many acts there were.
    `faults` is what is wrong with f, lang and the like, for the view of a route that checks its parameters itself
    and tells all faults together; else there are none.
    """

    route: Route
    service: Service
    catalogue: Catalogue
    release: Release
    links: Links
    lang: Lang
    form: str
    media: str
    args: MultiDict[str, str]
    incoming: Incoming
    tag: str
    faults: tuple[Fault, ...]

    @property
    def path(self) -> str:
        """The path that was asked for."""
        return self.incoming.path

    @property
    def manifest(self) -> Manifest:
        """What the release says about itself."""
        return self.release.manifest

    @property
    def in_release(self) -> bool:
        """Whether the client is in the tree of one release."""
        return bool(self.links.tree)

    def text(self, value: Text) -> str:
        """A text in the reader's language."""
        return value.of(self.lang)

    def say(self, zh: str, en: str) -> str:
        """A text of this room in the reader's language."""
        return en if self.lang == "en" else zh


_current: ContextVar[Ask | None] = ContextVar("ask", default=None)


def current() -> Ask:
    """The request that is being answered."""
    ask = _current.get()
    if ask is None:
        raise LookupError("no request is being answered")
    return ask


def asking(ask: Ask | None) -> None:
    """Make a request the one that is being answered in this thread."""
    _current.set(ask)


def base_address(service: Service, environ: Mapping[str, Any]) -> str:
    """The address of the service: as configured, else as the client wrote it."""
    if service.url:
        return service.url.rstrip("/")
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return f"{environ['wsgi.url_scheme']}://{host}{environ.get('SCRIPT_NAME', '')}"


def make(
    service: Service, catalogue: Catalogue, route: Route, release: Release, pinned: bool, incoming: Incoming
) -> Ask:
    """Read a request in the tree of a release, or in the current one. BadRequest with every fault, NotAcceptable."""
    args = incoming.parameters()
    faults: list[Fault] = []
    lang = _lang(service, args, incoming, faults)
    form = _form(route, args, incoming, faults)
    faults += repeated(args)
    if route.parameters is not None:
        faults += unknown(args, ("f", "lang", *route.parameters))
        if faults:
            raise BadRequest(*faults)
    links = Links(
        base_address(service, incoming.environ), f"/releases/{release.id}" if pinned else "", release.id
    )
    asked = sorted((name, value) for name, value in args.items() if name not in ("f", "lang"))
    history = "" if route.pinned else str(len(catalogue.history().releases))
    tag = freshness.tag(
        release.id, links.base, incoming.path, repr(asked), _limits(service.limits), history, lang, form
    )
    media = route.forms[form]
    return Ask(
        route, service, catalogue, release, links, lang, form, media, args, incoming, tag, tuple(faults)
    )


@lru_cache(maxsize=8)
def _limits(limits: Limits) -> str:
    return limits.model_dump_json()


def repeated(args: MultiDict[str, str]) -> list[Fault]:
    """A fault for each parameter that stands more than once."""
    many = [name for name, values in args.lists() if len(values) > 1]
    return [
        Fault(name, Text(zh="重复出现", en="is given more than once"), Text(zh="至多一次", en="once at most"))
        for name in many
    ]


def unknown(args: MultiDict[str, str], known: tuple[str, ...]) -> list[Fault]:
    """A fault for each parameter nobody knows (17-069r4, /req/core/query-param-unknown)."""
    names = ", ".join(known)
    return [
        Fault(name or '""', Text(zh="不认识的参数", en="is not a parameter here"), Text(zh=names, en=names))
        for name in args
        if name not in known
    ]


def no_form(asked: str, names: tuple[str, ...]) -> Fault:
    """The fault of an `f` that a resource does not offer."""
    expected = ", ".join(names)
    return Fault(
        "f",
        Text(zh=f"没有格式 {asked[:40]!r}", en=f"no format {asked[:40]!r}"),
        Text(zh=expected, en=expected),
    )


def _lang(service: Service, args: MultiDict[str, str], incoming: Incoming, faults: list[Fault]) -> Lang:
    asked = args.get("lang")
    if asked is None:
        return languages.negotiated(incoming.header("ACCEPT_LANGUAGE"), service.language)
    for lang in languages.LANGS:
        if asked == lang:
            return lang
    faults.append(
        Fault(
            "lang",
            Text(zh=f"没有语言 {asked[:40]!r}", en=f"no language {asked[:40]!r}"),
            Text(zh="zh 或 en", en="zh or en"),
        )
    )
    return service.language


def _form(route: Route, args: MultiDict[str, str], incoming: Incoming, faults: list[Fault]) -> str:
    asked = args.get("f")
    names = tuple(route.forms)
    if asked is not None:
        if asked in route.forms:
            return asked
        faults.append(no_form(asked, names))
        return names[0]
    accept = incoming.accept
    if not accept.provided:
        return names[0]
    # A browser's first choice is HTML; a program that takes any JSON takes ours.
    best = max(names, key=lambda name: _quality(accept, route.forms[name]))
    if _quality(accept, route.forms[best]) <= 0:
        raise NotAcceptable(tuple(dict.fromkeys(route.forms.values())))
    return best


def _quality(accept: Any, media: str) -> float:
    plain = media.partition(";")[0]
    # With its parameters too: a client that copies the whole type from a link asks for what it was told.
    alike = (media, plain, JSON) if plain.endswith("json") else (media, plain)
    return max(float(accept.quality(name)) for name in alike)
