"""What pygeoapi asks for, read into what a store understands; what cannot be read is a faulty query, told in full.

pygeoapi has checked numbers and most names, and brings boxes and geometries in the provider's storage CRS in its
authority's axis order.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import numpy as np
from pygeoapi.crs import get_crs
from pygeoapi.provider.base import ProviderInvalidQueryError

from config.models import Box, Field, Lang, Layer, Text
from releases import cql2, crs
from releases.manifest import PublishedLayer
from releases.order import sortable
from releases.provider.filtertree import Untranslatable, cql2_json
from releases.query import Interval, SortKey, Value
from releases.words import Words, tokens


@dataclass(frozen=True, slots=True)
class Reader:
    """How arguments of pygeoapi are read: for which layer, in which storage CRS (a code), and whose faults
    are told in which language.
    """

    published: PublishedLayer
    storage: str
    lang: Lang

    @property
    def layer(self) -> Layer:
        """What the configuration says of the layer."""
        return self.published.layer

    def refused(self, zh: str, en: str) -> ProviderInvalidQueryError:
        """A faulty query: pygeoapi answers 400, and shows no message but `user_msg`."""
        message = Text(zh=zh, en=en).of(self.lang)
        return ProviderInvalidQueryError(message, user_msg=message)

    def boxes(self, bbox: list[float]) -> tuple[Box, ...]:
        """A box of four or six numbers, as one box or, across the antimeridian, as two (17-069r4 7.15.3)."""
        if not bbox:
            return ()
        half = len(bbox) // 2
        if not np.isfinite(bbox).all():
            raise self.refused("bbox: 应为有限的数", "bbox: the numbers must be finite")
        corners = np.array([bbox[:2], bbox[half : half + 2]], dtype=np.float64)
        (west, south), (east, north) = crs.authority_order(corners, self.storage).tolist()
        if west <= east:
            return ((west, south, east, north),)
        return (west, south, 180.0, north), (-180.0, south, east, north)

    def interval(self, text: str | None) -> Interval | None:
        """A date, a date-time or an interval of them, whose end is open where it is empty or ".."."""
        if not text:
            return None
        start, _, end = text.partition("/") if "/" in text else (text, "", text)
        return self._moment(start, time.min), self._moment(end, time.max)

    def equality(self, name: str, text: str) -> tuple[str, Value]:
        """A field and the value that it must have, by the field's type."""
        field = self._field(name)
        try:
            return name, _value(field, text)
        except (ValueError, KeyError) as error:
            raise self.refused(
                f"{name}: {text!r} 不是 {field.type} 类型的值",
                f"{name}: {text!r} is no value of type {field.type}",
            ) from error

    def order(self, sortby: Iterable[Mapping[str, str]]) -> tuple[SortKey, ...]:
        """The keys of an order; arrays have none."""
        keys = tuple(SortKey(key["property"], key["order"] == "-") for key in sortby)
        for key in keys:
            if self._field(key.field).name not in sortable(self.layer):
                raise self.refused(
                    f"sortby: {key.field} 有多个值，不能排序",
                    f"sortby: {key.field} holds several values, which have no order",
                )
        return keys

    def words(self, q: str | None) -> Words | None:
        """The terms of a search, parted by commas; one of them will do."""
        if q is None:
            return None
        if self.published.search is None:
            raise self.refused("q: 此图层没有可检索的名称", "q: this collection has no names to search")
        terms = q.split(",")
        if not all(map(tokens, terms)):
            raise self.refused(f"q: {q!r} 中有空的检索词", f"q: a term of {q!r} has nothing to search for")
        return Words.of(*terms)

    def filtered(self, tree: Any) -> cql2.Filter | None:
        """A filter as pygeoapi parsed it, checked against the layer as the server checks its own."""
        if tree is None:
            return None
        try:
            read = cql2.parse(cql2_json(tree, self._placed), "cql2-json")
            return cql2.check(read, self.layer, self.storage)
        except Untranslatable as error:
            raise self.refused(
                f"filter: 经 pygeoapi 不支持 {error}", f"filter: not supported through pygeoapi: {error}"
            ) from error
        except cql2.FilterError as error:
            raise self.refused(
                "；".join(f"filter: {one.message.zh}，应为{one.expected.zh}" for one in error.faults),
                "; ".join(f"filter: {one.message.en}, expected {one.expected.en}" for one in error.faults),
            ) from error

    def _field(self, name: str) -> Field:
        found = self.layer.field(name)
        if found is None:
            raise self.refused(
                f"图层 {self.layer.id} 没有字段 {name!r}", f"{self.layer.id} has no field {name!r}"
            )
        return found

    def _placed(self, geometry: Mapping[str, Any]) -> dict[str, Any]:
        """A geometry of a filter without its CRS, which must be the storage's: another has not been transformed."""
        named = geometry.get("crs", {}).get("properties", {}).get("name")
        if named is not None and get_crs(named) != get_crs(crs.uri(self.storage)):
            raise Untranslatable(f"{geometry['type']} in {named} without storage_crs in the configuration")
        return {name: value for name, value in geometry.items() if name != "crs"}

    def _moment(self, text: str, of_day: time) -> datetime | None:
        if text in ("", ".."):
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise self.refused(
                f"datetime: {text!r} 不是日期或时间", f"datetime: {text!r} is no date or date-time"
            ) from error
        if "T" not in text.upper():
            moment = datetime.combine(moment.date(), of_day)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _value(field: Field, text: str) -> Value:
    match field.type:
        case "integer":
            return _within(int(text), -(2**63), 2**63 - 1)
        case "number":
            return _within(float(text), -sys.float_info.max, sys.float_info.max)
        case "boolean":
            return {"true": True, "false": False}[text.lower()]
        case "date":
            return date.fromisoformat(text).isoformat()
    return text


def _within(number: int | float, least: int | float, most: int | float) -> int | float:
    """A number that a database can be asked for; NaN is none."""
    if not least <= number <= most:
        raise ValueError(number)
    return number
