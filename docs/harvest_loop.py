"""Keep a copy of a collection as GeoJSON: python harvest_loop.py URL COLLECTION FILE. First everything, then changes."""

import json
import sys
from pathlib import Path

import requests


def pages(address, **query):
    while address:
        answer = requests.get(address, query, timeout=60)
        answer.raise_for_status()  # 410: the release of the copy is no longer kept; remove the file and begin again
        yield answer.json()
        address, query = answer.links.get("next", {}).get("url"), None


url, name, file = sys.argv[1], sys.argv[2], Path(sys.argv[3])
copy = json.loads(file.read_text()) if file.exists() else {"features": []}
held = {one["id"]: one for one in copy["features"]}
[manifest] = pages(f"{url}/manifest", f="json")
here = f"{url}/releases/{manifest['id']}/collections/{name}"
what, since = ("changes", {"since": copy["release"]}) if "release" in copy else ("items", {})
for page in pages(f"{here}/{what}", f="json", limit=10_000, **since):
    held |= {one["id"]: one for one in page.get("features", ())}
    held |= {one["id"]: one.get("feature") for one in page.get("changes", ())}  # none for one that is removed
features = [held[one] for one in sorted(held) if held[one]]
whole = {"type": "FeatureCollection", "release": manifest["id"], "features": features}
file.with_suffix(".new").write_text(json.dumps(whole))
file.with_suffix(".new").replace(file)
