"""The parts of a configuration that are valid by themselves, so that one wrong value hides no other fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config.codelists import CodeList
from config.gate import RuleSetting
from config.generalisation import Generalise
from config.layers import Field, Layer, Source, Units
from config.models import Border
from config.relations import Relations

#: Place in its list and id of each entry of one kind, valid or not.
Names = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A layer as far as it is valid: its fields and sources that are, by their place in it.

    names, authorities : of all fields, of all sources, valid or not
    generalise : the default where it is not valid
    units : None where there are none or they are not valid
    geometry : None where it is not a text
    """

    id: str
    group: str | None
    fields: Mapping[int, Field]
    sources: Mapping[int, Source]
    names: tuple[str, ...]
    authorities: tuple[str, ...]
    validity: tuple[str, ...]
    generalise: Generalise
    units: Units | None
    geometry: str | None

    @classmethod
    def of(cls, layer: Layer) -> Draft:
        """The draft of a layer that is valid as a whole."""
        return cls(
            layer.id,
            layer.group,
            dict(enumerate(layer.fields)),
            dict(enumerate(layer.sources)),
            tuple(field.name for field in layer.fields),
            tuple(source.authority for source in layer.sources),
            layer.validity or (),
            layer.generalise,
            layer.units,
            layer.geometry,
        )

    def field(self, name: str) -> Field | None:
        """The valid field of that name."""
        return next((field for field in self.fields.values() if field.name == name), None)

    @property
    def all_fields_valid(self) -> bool:
        """Whether what the fields do not have is really missing."""
        return len(self.fields) == len(self.names)


@dataclass(frozen=True, slots=True)
class Parts:
    """All parts by their place; `names` has those of all authorities, groups, layers and codelists.

    `rules` are the gate's settings by the rule's id, `relations` its others; none where they are not valid.
    """

    layers: Mapping[int, Draft]
    codelists: Mapping[str, CodeList]
    borders: Mapping[int, Border]
    rules: Mapping[str, RuleSetting]
    relations: Relations
    names: Mapping[str, Names]

    def known(self, kind: str) -> tuple[str, ...]:
        """The ids of one kind."""
        return tuple(dict.fromkeys(name for _, name in self.names[kind]))
