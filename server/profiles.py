"""`profile`: which of several ways of saying the same a client wants (OGC 23-058r2, 13; RFC 6906).

Schemas have two, and they differ in codes alone (15): "codelist-inline", the default, says each code with its title,
"codelist-ref" names the codes and says where the list is.
"""

from __future__ import annotations

from typing import Final

from flask import Response

from config.models import Text
from server.ask import Ask, unknown
from server.problems import BadRequest, Fault

INLINE: Final = "codelist-inline"
BY_REFERENCE: Final = "codelist-ref"
#: The OGC register of profiles.
REGISTER: Final = "http://www.opengis.net/def/profile/OGC/0/"
#: What may be asked for -> profile. The clause says "codelist-", the abstract tests of the same text "codelists-".
NAMES: Final = {
    INLINE: INLINE,
    BY_REFERENCE: BY_REFERENCE,
    "codelists-inline": INLINE,
    "codelists-ref": BY_REFERENCE,
}
PARAMETERS: Final = ("profile",)
_EXPECTED: Final = Text(
    zh=f"{INLINE}、{BY_REFERENCE} 或其 URI（{REGISTER}…），以逗号分隔",
    en=f"{INLINE}, {BY_REFERENCE} or their URIs ({REGISTER}...), parted by commas",
)


def profile(ask: Ask) -> str:
    """The profile of a schema: the first that was asked for. BadRequest names every fault of the request."""
    faults = [*ask.faults, *unknown(ask.args, ("f", "lang", *PARAMETERS))]
    asked = named(ask.args.get("profile") or INLINE)
    for name in asked:
        if name not in NAMES:
            faults.append(Fault("profile", unknown_profile(name), _EXPECTED))
    if faults:
        raise BadRequest(*faults)
    return NAMES[asked[0]]


def named(text: str) -> list[str]:
    """The profiles that a parameter names, without the register that they may stand in."""
    return [name.removeprefix(REGISTER) for name in text.split(",")]


def unknown_profile(name: str) -> Text:
    """What is wrong with the name of a profile that there is not."""
    return Text(zh=f"没有表示方式 {name[:60]!r}", en=f"no profile {name[:60]!r}")


def tell(response: Response, applied: str) -> Response:
    """Say which profile was applied, in the header, since a schema has no links (/rec/profile-parameter/profile-link-header)."""
    told = f'<{REGISTER}{applied}>; rel="profile"'
    response.headers["Link"] = ", ".join(filter(None, (response.headers.get("Link"), told)))
    return response
