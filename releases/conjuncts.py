"""A filter taken apart at its topmost AND: each part is asked where it is answered quickest.

A feature matches when every part is true for it, and null counts as false at the top, so the parts may be asked one
after the other, each only of the features that met the ones before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from releases.cql2 import Filter, nodes
from releases.cql2.nodes import Call, Column, Node, Shape


@dataclass(frozen=True, slots=True)
class Conjuncts:
    """The parts of a filter, which together are the filter.

    Parameters
    ----------
    attributes : what is answered from attributes as columns
    shapes : spatial operators of the layer's geometry, first, and one literal shape, second
    rest : all else as one filter, for the database; None when there is nothing else
    """

    attributes: tuple[Node, ...] = ()
    shapes: tuple[Call, ...] = ()
    rest: Filter | None = None


def parted(filter: Filter, able: Callable[[Node], bool]) -> Conjuncts:
    """The parts of a filter; `able` says what columns can answer."""
    attributes: list[Node] = []
    shapes: list[Call] = []
    others: list[Node] = []
    for part in _parts(filter.root):
        if able(part):
            attributes.append(part)
        elif isinstance(part, Call) and _is_shape(part):
            shapes.append(part)
        else:
            others.append(part)
    return Conjuncts(tuple(attributes), tuple(shapes), _together(filter, others))


def _parts(root: Node) -> tuple[Node, ...]:
    # One level is enough: a checked AND has no AND among its operands.
    return root.args if isinstance(root, Call) and root.op == "and" else (root,)


def _is_shape(part: Call) -> bool:
    if part.op not in nodes.SPATIAL:
        return False
    one, other = part.args
    # Checked operands stand in one order, a property before a literal.
    return isinstance(one, Column) and isinstance(other, Shape)


def _together(filter: Filter, parts: list[Node]) -> Filter | None:
    if not parts:
        return None
    return replace(filter, root=parts[0] if len(parts) == 1 else Call("and", tuple(parts)))
