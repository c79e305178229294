"""The small values that everything an operator edits is made of: texts in two languages, names, addresses.

Rule here: nothing is coerced. Files are validated in pydantic's strict mode, so an unquoted code such as
0101, which YAML reads as the number 65, is a fault and not a wrong text.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic import Field as Constraint
from pydantic_core import PydanticCustomError

Lang = Literal["zh", "en"]
#: xmin, ymin, xmax, ymax in degrees, longitude before latitude.
Box = tuple[float, float, float, float]


def fault(zh: str, en: str) -> PydanticCustomError:
    """What a validator raises: what was expected instead, in both languages."""
    # The message is a template in which braces are names, so the texts, which may hold any, go in as values.
    return PydanticCustomError("expected", "{en}", {"zh": zh, "en": en})


def _compiling(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise fault(f"正则表达式（{error}）", f"a regular expression ({error})") from error
    return pattern


def _web_address(url: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+\S*", url):
        raise fault("以 http:// 或 https:// 开头的网址", "an address that begins with http:// or https://")
    return url


#: The form of names; `expectations` says each in words.
IDENTIFIER = r"^[a-z][a-z0-9_]{0,62}$"
FIELD_NAME = r"^[A-Za-z][A-Za-z0-9_]{0,62}$"
CRS_NAME = r"^(EPSG:[0-9]{4,6}|OGC:CRS84)$"
CRS_CODE = r"^[A-Z][A-Za-z0-9_]{0,31}:[A-Za-z0-9]{1,32}$"
CODE_PREFIX = r"^[0-9A-Za-z]{1,12}$"

Identifier = Annotated[str, Constraint(pattern=IDENTIFIER)]
FieldName = Annotated[str, Constraint(pattern=FIELD_NAME)]
#: A CRS by its authority and code; whether there is such a one is asked in `consistency`.
CrsName = Annotated[str, Constraint(pattern=CRS_NAME)]
#: One by any authority that PROJ knows; `reference` says whether it will do.
CrsCode = Annotated[str, Constraint(pattern=CRS_CODE)]
#: How codes of administrative units begin: by GB/T 2260 two digits are a province, four a prefecture, six a county.
CodePrefix = Annotated[str, Constraint(pattern=CODE_PREFIX)]
Pattern = Annotated[str, AfterValidator(_compiling)]
Url = Annotated[str, AfterValidator(_web_address)]
ZoomLevel = Annotated[int, Constraint(ge=0, le=22)]


class Frozen(BaseModel):
    """A value: never changed, every number finite, and a key that nobody knows is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Text(Frozen):
    """A text for people, in Chinese and in English."""

    zh: Annotated[str, Constraint(min_length=1)]
    en: Annotated[str, Constraint(min_length=1)]

    def of(self, lang: str) -> str:
        """The text in one language; anything but "en" is Chinese, the language of the plan."""
        return self.en if lang == "en" else self.zh


class Licence(Frozen):
    """Under which terms data may be used; `id` is an SPDX identifier."""

    title: Text
    url: Url | None = None
    id: str | None = None
