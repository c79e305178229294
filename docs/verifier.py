"""Is a collection what its publisher signed? An independent check by the recipe in proof.md, with nothing of the service.

python verifier.py MANIFEST SIGNATURE KEYS COLLECTION FEATURES     each a file or an address; features are a GeoJSON
collection, of which next pages are followed, or a text sequence.
"""

import json
import struct
import sys
import urllib.request
from base64 import urlsafe_b64decode
from decimal import Decimal
from functools import partial
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KINDS = ["", "Point", "LineString", "Polygon"]
KINDS += ["MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"]


def canonical(value):  # RFC 8785
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if not isinstance(value, float) or value == 0:
        return json.dumps(value or (0 if isinstance(value, float) else value), ensure_ascii=False)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text, point = "".join(map(str, digits)), len(digits) + exponent
    if 0 < point <= 21:
        text = text.ljust(point, "0")[:point] + ("." + text[point:] if point < len(text) else "")
    elif -6 < point <= 0:
        text = "0." + "0" * -point + text
    else:
        text = text[0] + ("." + text[1:] if len(text) > 1 else "") + f"e{point - 1:+d}"
    return "-" * sign + text


def binary(geometry):  # little-endian well-known binary
    kind, parts = geometry["type"], geometry.get("coordinates", geometry.get("geometries"))
    if kind.startswith("Multi"):
        parts = [{"type": kind.removeprefix("Multi"), "coordinates": part} for part in parts]
    writers = {"LineString": position, "Polygon": partial(counted, position)}
    body = position(parts) if kind == "Point" else counted(writers.get(kind, binary), parts)
    return struct.pack("<BI", 1, KINDS.index(kind)) + body


def counted(write, parts):
    return struct.pack("<I", len(parts)) + b"".join(map(write, parts))


def position(place):  # longitude and latitude; zero has no sign
    return struct.pack("<2d", place[0] + 0.0, place[1] + 0.0)


def leaf(feature, types):
    row = {name: feature["properties"].get(name) for name in types}
    row = {name: float(one) if one and types[name] == "number" else one for name, one in row.items()}
    text = canonical({"id": feature["id"], "properties": row}).encode()
    return sha256(b"\0" + text + (binary(feature["geometry"]) if feature["geometry"] else b"")).digest()


def root(level):  # RFC 9162, 2.1
    while len(level) > 1:
        pairs = [sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0] if level else sha256().digest()


def read(place):
    return urllib.request.urlopen(place).read() if "://" in place else Path(place).read_bytes()


def features(place):
    while place:
        text = read(place).decode().replace("\x1e", "")
        whole = '"FeatureCollection"' in text[:200]
        page = json.loads(text) if whole else {"features": map(json.loads, filter(None, text.split("\n")))}
        yield from page["features"]
        place = next((link["href"] for link in page.get("links", ()) if link["rel"] == "next"), None)


manifest, signature, keys, collection, copy = sys.argv[1:]
text, signed = read(manifest), json.loads(read(signature))
key = next((key for key in json.loads(read(keys))["keys"] if key["kid"] == signed["kid"]), None)
try:
    x, bits = (urlsafe_b64decode(part + "==") for part in (key["x"], signed["signature"]))
    Ed25519PublicKey.from_public_bytes(x).verify(bits, text)
except (InvalidSignature, TypeError):
    sys.exit("the manifest is not signed by a known key")
layer = next(layer for layer in json.loads(text)["layers"] if layer["layer"]["id"] == collection)
types = {field["name"]: field["type"] for field in layer["layer"]["fields"]}
found = sorted((feature["id"], leaf(feature, types)) for feature in features(copy))
equal = root([digest for _, digest in found]).hex() == layer["root"]
print(f"{len(found)} features, {'equal' if equal else 'NOT EQUAL'} to those signed by {key['kid']}")
sys.exit(0 if equal else 1)
