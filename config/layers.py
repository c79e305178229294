"""A layer as an operator describes it: its fields, where each authority delivers it, how it is shown.

Rule here: a model checks what it can see alone; what needs a second value (a layer's authority, a field's
code list) is checked in `consistency`.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, model_validator
from pydantic import Field as Constraint

from config.generalisation import Generalise, Zoom
from config.values import CrsName, FieldName, Frozen, Identifier, Licence, Pattern, Text, fault

#: How much of the plan's reality is in data; the worst comes last.
Nature = Literal["real", "derived", "schematic", "synthetic"]
FieldType = Literal["string", "integer", "number", "boolean", "date", "array"]
Role = Literal["id", "title", "type", "temporal"]
Geometry = Literal["Point", "MultiPoint", "MultiLineString", "MultiPolygon", "Geometry"]
SourceFormat = Literal["gpkg", "shapefile", "geojson", "flatgeobuf"]
Access = Literal["public", "internal", "restricted"]
#: What a value says of its feature's own geometry, so that it can be measured again.
Measure = Literal["area"]

#: Units in which an area may be stated (UCUM), in m2.
AREAS: Mapping[str, float] = {"m2": 1.0, "har": 10_000.0, "km2": 1_000_000.0}

#: Endings of file names by which a source's format is known; an archive's is known by what is in it.
SUFFIXES = (".gpkg", ".shp", ".geojson", ".json", ".fgb", ".zip")


def _inside(path: str) -> str:
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or "\\" in path:
        raise fault("数据文件夹内的相对路径，以 / 分隔", "a path inside the data folder, parted by /")
    return path


def _codec(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError as error:
        raise fault(
            "文字编码名称，如 UTF-8、GBK", "the name of a text encoding, such as UTF-8 or GBK"
        ) from error
    return name


#: A file inside the data folder, with forward slashes, so that it means the same on every machine.
DataPath = Annotated[str, Constraint(min_length=1), AfterValidator(_inside)]
Encoding = Annotated[str, AfterValidator(_codec)]


class Field(Frozen):
    """One attribute of a layer.

    `array` holds strings, `unit` is a UCUM code, `max_length` counts characters, `pattern` must match the
    whole text (of an array: each member's). A `searchable` field's text is what a text search looks into; the
    titles of a field's codes always are.

    unique : no two features of a release have the same value, in all fields of this name that say so, whatever
        their layer or authority; an id is unique within its layer anyway
    measure : "area" is a field that states the area of its feature on the ellipsoid, in m2, har or km2
    """

    name: FieldName
    type: FieldType
    title: Text
    description: Text | None = None
    unit: str | None = None
    codelist: Identifier | None = None
    role: Role | None = None
    mandatory: bool = False
    searchable: bool = False
    unique: bool = False
    measure: Measure | None = None
    max_length: Annotated[int, Constraint(ge=1)] | None = None
    pattern: Pattern | None = None

    @model_validator(mode="before")
    @classmethod
    def _implied(cls, data: Any) -> Any:
        # What identifies a feature is never null, and what names it is searched: nobody need say so.
        implied = {"id": "mandatory", "title": "searchable"}
        role = data.get("role") if isinstance(data, dict) else None
        return {implied[role]: True, **data} if role in ("id", "title") else data

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.role == "id" and self.type not in ("string", "integer"):
            raise fault("标识字段的类型为 string 或 integer", "type string or integer for an id field")
        if self.role == "id" and not self.mandatory:
            raise fault(
                "标识字段不可为空（mandatory: true）", "mandatory: true for an id field, which is never null"
            )
        if self.role == "title" and self.type != "string":
            raise fault("名称字段的类型为 string", "type string for a title field")
        if self.role == "temporal" and self.type != "date":
            raise fault("时间字段的类型为 date", "type date for a temporal field")
        if self.searchable and self.type not in ("string", "array"):
            raise fault("searchable 只用于 string 或 array", "searchable only for string or array")
        if (self.pattern or self.max_length) and self.type not in ("string", "array"):
            raise fault(
                "pattern 与 max_length 只用于 string 或 array",
                "pattern and max_length only for string or array",
            )
        if self.codelist and self.type not in ("string", "integer", "array"):
            raise fault(
                "代码表只用于 string、integer 或 array", "a code list only for string, integer or array"
            )
        if self.unique and self.type not in ("string", "integer"):
            raise fault("unique 只用于 string 或 integer", "unique only for string or integer")
        if self.measure and (self.type not in ("number", "integer") or self.unit not in AREAS):
            raise fault(
                f"measure: area 只用于 number 或 integer，且单位为 {'、'.join(AREAS)}",
                f"measure: area only for number or integer, in {', '.join(AREAS)}",
            )
        return self


class Source(Frozen):
    """One authority's part of a layer.

    path : of the file, relative to the service's data folder
    table : the layer inside the file; a file that has only one need not name it
    format : None is what the file's suffix says
    crs : what the authority declares, None when the file itself must say; a file that says another is refused
    aliases : the authority's field name -> ours, where they differ
    constants : our field name -> the value of all rows, where the authority does not deliver it
    """

    authority: Identifier
    path: DataPath
    table: str | None = None
    format: SourceFormat | None = None
    encoding: Encoding = "UTF-8"
    crs: CrsName | None = None
    aliases: Mapping[str, FieldName] = {}
    constants: Mapping[FieldName, Any] = {}

    @property
    def is_recognised(self) -> bool:
        """Whether the format is stated or known by the ending of the file's name."""
        return self.format is not None or PurePosixPath(self.path).suffix.lower() in SUFFIXES

    @property
    def is_shapefile(self) -> bool:
        """Whether the source is a plain shapefile, whose field names have at most ten bytes."""
        return self.format == "shapefile" or (self.format is None and self.path.lower().endswith(".shp"))


class Units(Frozen):
    """Where the codes of administrative units stand in a layer.

    code : field of the code (GB/T 2260, below the county GB/T 10114), one that its authority's `codes` allow
    parent : field of the code of the unit above: `code` begins as it does, up to its zeros, which mean a whole
        province or prefecture
    layer : the layer whose features the units above are
    """

    code: FieldName
    parent: FieldName | None = None
    layer: Identifier | None = None

    @model_validator(mode="after")
    def _together(self) -> Self:
        if self.parent is None and self.layer is not None:
            raise fault("layer 与 parent 同时给出", "layer only together with parent")
        if self.parent == self.code:
            raise fault("两个不同的字段", "two different fields")
        return self


class Group(Frozen):
    """A heading under which layers are listed."""

    id: Identifier
    title: Text


class Layer(Frozen):
    """One layer: what it holds, where it comes from, how it is shown, what may be done with it.

    `validity` names two fields of type date, the start and the end of each feature's validity; a layer with
    one instant a feature gives that field the role `temporal` instead.
    """

    id: Identifier
    title: Text
    description: Text
    keywords: tuple[Text, ...] = ()
    group: Identifier
    geometry: Geometry
    geometry_required: bool = True
    fields: Annotated[tuple[Field, ...], Constraint(min_length=1)]
    validity: tuple[str, str] | None = None
    units: Units | None = None
    sources: Annotated[tuple[Source, ...], Constraint(min_length=1)]
    zoom: Zoom
    generalise: Generalise = Generalise()
    licence: Licence
    attribution: Text
    nature: Nature
    access: Access = "public"

    @model_validator(mode="after")
    def _simplifiable(self) -> Self:
        if self.generalise.rule == "coverage" and self.geometry != "MultiPolygon":
            raise fault(
                "coverage 规则只用于 MultiPolygon", "the rule coverage only for a layer of MultiPolygon"
            )
        if self.generalise.rule == "follow" and self.geometry != "MultiLineString":
            raise fault(
                "follow 规则只用于 MultiLineString", "the rule follow only for a layer of MultiLineString"
            )
        if self.generalise.thin and self.geometry not in ("Point", "MultiPoint"):
            raise fault("thin 只用于 Point 或 MultiPoint", "thin only for a layer of Point or MultiPoint")
        if self.geometry not in ("MultiPolygon", "Geometry") and any(one.measure for one in self.fields):
            raise fault("measure: area 只用于有面的图层", "measure: area only in a layer that has polygons")
        return self

    def field(self, name: str) -> Field | None:
        """The field of that name, None when there is none."""
        return next((field for field in self.fields if field.name == name), None)

    @property
    def id_field(self) -> Field:
        """The one field that identifies a feature."""
        return next(field for field in self.fields if field.role == "id")

    @property
    def title_field(self) -> Field | None:
        """The field that names a feature for people."""
        return next((field for field in self.fields if field.role == "title"), None)

    @property
    def temporal_fields(self) -> tuple[str, ...]:
        """No name, one (an instant) or two (start and end of validity)."""
        return self.validity or tuple(field.name for field in self.fields if field.role == "temporal")
