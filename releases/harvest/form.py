"""What the values of a layer are like, as far as the types of columns depend on it and no manifest says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
import shapely

from config.models import Frozen, Layer
from releases import geopackage
from releases.geopackage import Columns
from releases.table import Table

Moment = Literal["day", "time"]


class Form(Frozen):
    """Date field -> what its values are (full-dates, date-times), and the kinds of geometries."""

    dates: Mapping[str, tuple[Moment, ...]] = {}
    kinds: tuple[str, ...] = ()

    @classmethod
    def of(cls, table: Table) -> Form:
        """What some features are like."""
        dates = {
            field.name: _sorted(
                "day" if len(value) == len("2025-01-31") else "time"
                for value in table.values[field.name]
                if value is not None
            )
            for field in table.layer.fields
            if field.type == "date"
        }
        # By numbers first: to ask each geometry for a name takes longer than to read it.
        _, places = np.unique(shapely.get_type_id(table.geometry), return_index=True)
        kinds = _sorted(one.geom_type for one in table.geometry[places] if one is not None)
        return cls(dates=dates, kinds=kinds)

    def __or__(self, other: Form) -> Form:
        """What features are like of which some are like this and some like the other."""
        names = {*self.dates, *other.dates}
        dates = {
            name: _sorted((*self.dates.get(name, ()), *other.dates.get(name, ()))) for name in sorted(names)
        }
        return Form(dates=dates, kinds=_sorted((*self.kinds, *other.kinds)))

    def fits(self, layer: Layer, more: Form) -> bool:
        """Whether columns of this form have room for features of another, in every kind of target."""
        whole = self | more
        if geopackage.geometry_type(layer, whole.kinds) != geopackage.geometry_type(layer, self.kinds):
            return False
        before = {name: self.dates.get(name, ()) for name in whole.dates}
        return all(
            after == before[name] or (not before[name] and after == ("day",))
            for name, after in whole.dates.items()
        )

    def columns(self, layer: Layer) -> Columns:
        """The types of a GeoPackage's columns."""
        fields = {
            field.name: geopackage.column_type(field, "time" not in self.dates.get(field.name, ()))
            for field in layer.fields
        }
        return Columns(fields, geopackage.geometry_type(layer, self.kinds))


def _sorted[Name: str](names: Iterable[Name]) -> tuple[Name, ...]:
    return tuple(sorted(set(names)))
