"""`profile` of features in GeoJSON: plain, or with what JSON-FG adds to it (OGC 21-045r1, 15; OGC 23-058r2, 13).

The form "jsonfg" is "geojson" with another default. Forms that have no profiles leave the parameter alone, as the
recommendation of 13 has it; a name that nobody knows is a fault all the same, since it can only be a slip.
"""

from __future__ import annotations

from functools import partial
from typing import Final, get_args

from werkzeug.datastructures import MultiDict

from config.models import Text
from releases.formats.subject import Profile
from server.params import read
from server.problems import Fault, Wrong
from server.profiles import REGISTER, named, unknown_profile

PROFILES: Final[tuple[Profile, ...]] = get_args(Profile)
#: What each form can be.
_OFFERED: Final[dict[str, tuple[Profile, ...]]] = {
    "geojson": PROFILES,
    "json": PROFILES,
    "jsonfg": ("jsonfg", "jsonfg-plus"),
}


def parse(args: MultiDict[str, str], form: str, faults: list[Fault]) -> Profile:
    """The profile of an answer: the first asked for that its form has, else the form's own."""
    return read(args, "profile", partial(_first, form=form), faults) or _first("", form)


def uri(profile: Profile) -> str:
    """The name of a profile in the OGC register."""
    return REGISTER + profile


def _first(text: str, form: str) -> Profile:
    asked = named(text) if text else []
    for name in asked:
        if name not in PROFILES:
            expected = ", ".join(PROFILES)
            raise Wrong(
                unknown_profile(name),
                Text(
                    zh=f"{expected} 或其 URI（{REGISTER}…），以逗号分隔",
                    en=f"{expected} or their URIs ({REGISTER}...), parted by commas",
                ),
            )
    offered = _OFFERED.get(form, PROFILES)
    return next((profile for name in asked for profile in offered if profile == name), offered[0])
