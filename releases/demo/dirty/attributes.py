"""Faults of values: a table, a line for each field and way in which its value can be wrong, then those that take two features.

Fields are chosen so that one rule is broken and no other: a code that nothing is drawn by, a name that nothing refers
to, a township without a point whose unit no polygon lies in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from config.models import Text
from releases.demo.dirty.ground import Ground, Spot
from releases.demo.dirty.walks import pairs_in_turn, shuffled
from tiles.featureid import tile_id

Chance = np.random.Generator
#: Beyond 2**53, where neighbouring integers are one number in JSON (RFC 8259 6); of the 18 digits that dBASE has room for.
TOO_LARGE = 2**57


class Spoiling(NamedTuple):
    """How one field of one layer is spoilt: from its value and chance a wrong value."""

    rule: str
    layer: str
    field: str
    spoilt: Callable[[Any, Chance], Any]
    what: Text
    authority: str | None = None


def _always(value: Any) -> Callable[[Any, Chance], Any]:
    return lambda _, chance: value


def _longer(characters: int) -> Callable[[Any, Chance], Any]:
    def spoil(value: Any, chance: Chance) -> str:
        # Without spaces, of which the last would not count.
        text = "".join(str(value or "").split()) + "天府之国"
        return (text * characters)[: characters + 1]

    return spoil


def _damaged(mark: str) -> Callable[[Any, Chance], Any]:
    def spoil(value: Any, chance: Chance) -> str:
        text = str(value or "成都")
        at = int(chance.integers(1, len(text) + 1))
        return text[:at] + mark + text[at:]

    return spoil


def _with_letter(value: Any, chance: Chance) -> str:
    text = str(value)
    at = int(chance.integers(len(text)))
    return text[:at] + "O" + text[at + 1 :]


def _misstated(value: Any, chance: Chance) -> float:
    """The area in another unit, or of another feature: never near the true one."""
    return round(float(value) * float(chance.choice([1e-4, 1e-6, 0.0015, 0.5, 0.97, 1.03, 1.4])), 2)


_NULL = Text(zh="必填字段置空", en="a mandatory field emptied")
_NO_ID = Text(zh="标识置空", en="the id emptied")
_LONG = Text(zh="文字超过字段长度", en="a text longer than its field allows")
_UNKNOWN = Text(zh="代码改为代码表之外的值", en="a code that the code list does not have")
_LETTER = Text(zh="数字代码中混入字母 O", en="the letter O among the digits of a code")
_LOST = Text(zh="文字中混入解码失败的替换符", en="the sign of a failed decoding within a text")
_CONTROL = Text(zh="文字中混入控制字符", en="a control character within a text")
_WORDS = Text(zh="数字字段写入文字", en="words where a number belongs")
_NO_DAY = Text(zh="不存在的日期", en="a day that there is not")
_HUGE = Text(zh="整数超过 2^53", en="an integer beyond 2**53")
_AREA = Text(zh="填报面积改错", en="another area stated")

SPOILINGS: tuple[Spoiling, ...] = (
    Spoiling("value-type", "major_projects", "JCNF", _always("二〇三五年"), _WORDS),
    Spoiling("value-type", "places", "RK", _always("约三万"), _WORDS),
    Spoiling("value-type", "ghfq", "SEED", _always("未知"), _WORDS),
    Spoiling("value-type", "yjjbnt", "YJJBNTMJ", _always("12,5亩"), _WORDS),
    Spoiling("value-type", "xzq_county", "VALID_FROM", _always("2021-02-30"), _NO_DAY),
    Spoiling("missing-id", "places", "GID", _always(None), _NO_ID),
    Spoiling("missing-id", "townships", "XZQDM", _always(None), _NO_ID),
    Spoiling("missing-id", "rail_stations", "DBM", _always(None), _NO_ID),
    Spoiling("missing-id", "yjjbnt", "BSM", _always(None), _NO_ID),
    Spoiling("missing-id", "ghfq", "BSM", _always(None), _NO_ID),
    Spoiling("mandatory", "ghfq", "XZQMC", _always(None), _NULL),
    Spoiling("mandatory", "yjjbnt", "YSDM", _always(None), _NULL),
    Spoiling("mandatory", "xzqjx", "BSM", _always(None), _NULL),
    Spoiling("mandatory", "townships", "XZQMC", _always(None), _NULL),
    Spoiling("mandatory", "major_projects", "SFHS", _always(None), _NULL),
    Spoiling("mandatory", "rail_stations", "MC", _always(None), _NULL),
    Spoiling("code-list", "xzqjx", "JXXZ", _always("600999"), _UNKNOWN),
    Spoiling("code-list", "yjjbnt", "GDPDJB", _always("9"), _UNKNOWN),
    Spoiling("code-list", "xzq_county", "IN_CIRCLE", _always("half"), _UNKNOWN),
    Spoiling("code-list", "major_projects", "JSZT", _always("postponed"), _UNKNOWN),
    Spoiling("pattern", "ghfq", "YSDM", _with_letter, _LETTER),
    Spoiling("pattern", "rail_stations", "SJDM", _with_letter, _LETTER),
    Spoiling("pattern", "places", "XZQDM", _with_letter, _LETTER),
    Spoiling("pattern", "xzqjx", "ZDM", _with_letter, _LETTER),
    Spoiling("max-length", "ghfq", "XZQMC", _longer(100), _LONG),
    Spoiling("max-length", "places", "MC_EN", _longer(100), _LONG),
    Spoiling("max-length", "major_projects", "XMMC", _longer(200), _LONG),
    Spoiling("max-length", "yjjbnt", "YJJBNTTBBH", _longer(20), _LONG),
    Spoiling("damaged-text", "places", "MC", _damaged("\ufffd"), _LOST),
    Spoiling("damaged-text", "townships", "XZQMC", _damaged("\ufffd"), _LOST),
    Spoiling("damaged-text", "rail_stations", "MC", _damaged("\x07"), _CONTROL),
    Spoiling("damaged-text", "ghfq", "XZQMC", _damaged("\x1a"), _CONTROL, "sichuan"),
    Spoiling("number-range", "ghfq", "SYNTH", _always(TOO_LARGE), _HUGE),
    Spoiling("number-range", "yjjbnt", "SYNTH", _always(-TOO_LARGE), _HUGE, "sichuan"),
    Spoiling("area-stated", "ghfq", "MJ", _misstated, _AREA),
    Spoiling("area-stated", "yjjbnt", "YJJBNTTBMJ", _misstated, _AREA),
    Spoiling("area-stated", "stbhhx", "MJ", _misstated, _AREA),
    Spoiling("area-stated", "czkfbj", "MJ", _misstated, _AREA),
    Spoiling("area-stated", "xzq_county", "MJ", _misstated, _AREA),
)


def spoil(ground: Ground, spoiling: Spoiling) -> Iterator[int]:
    """Plant one fault at a time, each in a feature that has a value there, until none is left."""
    chance = ground.chance(f"{spoiling.rule} {spoiling.layer} {spoiling.field}")
    spots = ground.spots(spoiling.layer, spoiling.authority)
    for k in chance.permutation(len(spots)).tolist():
        spot = spots[k]
        value = ground.value(spot, spoiling.field)
        if not ground.free([spot]) or (value is None and spoiling.rule not in ("value-type", "max-length")):
            continue
        ground.put(spot, spoiling.field, spoiling.spoilt(value, chance))
        yield ground.plant(spoiling.rule, spoiling.what, spot, field=spoiling.field)


def duplicate_id(ground: Ground) -> Iterator[int]:
    """Give a feature the id of another, of the same authority or of another one."""
    what = Text(zh="标识与另一要素相同", en="the id of another feature")
    for one, other in pairs_in_turn(ground, "duplicate-id", ("places", "rail_stations", "xzqjx")):
        field = ground.service.layer(one.layer).id_field.name
        ground.put(other, field, ground.id(one))
        yield ground.plant("duplicate-id", what, other, one, field=field)


def tile_id_shared(ground: Ground) -> Iterator[int]:
    """Give a feature the number by which tiles know another, whose id is a text."""
    what = Text(
        zh="标识等于另一要素在瓦片中的编号", en="the number that another feature has in tiles, as an id"
    )
    for one, other in pairs_in_turn(ground, "tile-id", ("xzqjx", "major_projects", "world_heritage")):
        field = ground.service.layer(one.layer).id_field.name
        ground.put(other, field, str(tile_id(ground.id(one))))
        yield ground.plant("tile-id", what, other, one, field=field)


def unique(ground: Ground) -> Iterator[int]:
    """Give a boundary the identification code of another boundary or of a county."""
    what = Text(zh="标识码与另一要素相同", en="the identification code of another feature")
    chance = ground.chance("unique")
    counties = ground.spots("xzq_county")
    for turn, (one, other) in enumerate(pairs_in_turn(ground, "unique", ("xzqjx",))):
        free = [spot for spot in counties if ground.free([spot])]
        if turn % 2 and free:
            one = free[int(chance.integers(len(free)))]
        ground.put(other, "BSM", ground.value(one, "BSM"))
        yield ground.plant("unique", what, other, one, field="BSM")


def dates_order(ground: Ground) -> Iterator[int]:
    """Let a county end before it begins."""
    what = Text(zh="失效日期早于生效日期", en="an end before the beginning")
    for spot in shuffled(ground, "dates-order", "xzq_county"):
        year = int(ground.chance(f"year {spot}").integers(1990, 2020))
        ground.put(spot, "VALID_FROM", f"{year + 1}-06-01")
        ground.put(spot, "VALID_TO", f"{year}-05-31")
        yield ground.plant("dates-order", what, spot)


def code_authority(ground: Ground) -> Iterator[int]:
    """Let a township have the code of a county of the other province, and that county as its parent."""
    what = Text(zh="代码改为另一省市的县下", en="a code below a county of the other province")
    chance = ground.chance("code-authority counties")
    for spot in _pointless(ground, "code-authority"):
        county = _county(ground, chance, "chongqing" if spot.authority == "sichuan" else "sichuan")
        _move(ground, spot, county, county)
        yield ground.plant("code-authority", what, spot, field="XZQDM")


def code_parent(ground: Ground) -> Iterator[int]:
    """Let a township name another county than the one its code begins with."""
    what = Text(zh="上级代码改为另一个县", en="another county as its parent")
    chance = ground.chance("code-parent counties")
    for spot in _pointless(ground, "code-parent"):
        county = _county(ground, chance, spot.authority)
        if county != ground.value(spot, "SJDM"):
            ground.put(spot, "SJDM", county)
            yield ground.plant("code-parent", what, spot, field="SJDM")


def code_orphan(ground: Ground) -> Iterator[int]:
    """Let a township belong to a county that there is not, by its code as by its parent's."""
    what = Text(zh="上级县不存在", en="a parent county that there is not")
    for spot in _pointless(ground, "code-orphan"):
        county = {"sichuan": "519999", "chongqing": "509999"}[spot.authority]
        _move(ground, spot, county, county)
        yield ground.plant("code-orphan", what, spot, field="SJDM")


def _move(ground: Ground, spot: Spot, county: str, parent: str) -> None:
    """Give a township a code below a county that no other has."""
    ground.put(spot, "XZQDM", f"{county}{_serial(ground):03}")
    ground.put(spot, "SJDM", parent)


def _serial(ground: Ground) -> int:
    """A serial number of townships that counties do not reach: they have at most some tens."""
    return 500 + sum(one.rule in ("code-authority", "code-orphan") for one in ground.planted) % 500


def _county(ground: Ground, chance: Chance, authority: str) -> str:
    column = ground.rows["xzq_county", authority].values["XZQDM"]
    return str(column[int(chance.integers(len(column)))])


def _pointless(ground: Ground, rule: str) -> Iterator[Spot]:
    """Townships without a point: wherever their code says they are, nothing contradicts it."""
    for spot in shuffled(ground, rule, "townships"):
        if ground.geometry(spot) is None:
            yield spot
