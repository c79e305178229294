"""Every address of the service is made here, by noun; no other file joins one.

The same resources hang under two trees: "" is the current release, "/releases/{id}" is one release for ever. Links that name
a resource stay in the tree the client is in; links that continue an answer are `pinned`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

JSON = "application/json"
GEOJSON = "application/geo+json"
SEQUENCE = "application/geo+json-seq"
CSV = "text/csv"
FLATGEOBUF = "application/flatgeobuf"
GEOPARQUET = "application/vnd.apache.parquet"
GEOPACKAGE = "application/geopackage+sqlite3"
HTML = "text/html"
SCHEMA = "application/schema+json"
MVT = "application/vnd.mapbox-vector-tile"
STYLE = "application/vnd.mapbox.style+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
OPENAPI31 = "application/vnd.oai.openapi+json;version=3.1"
OGC = "http://www.opengis.net/def/rel/ogc/1.0/"
QUERYABLES = f"{OGC}queryables"
#: No relation is registered for a proof or a signature: the URI of what they follow (RFC 8288 2.1.2, RFC 2648).
PROOF = "urn:ietf:rfc:9162"


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses below `base` ("http://host"), in the tree "" or "/releases/{id}"; `release` is the release's id."""

    base: str
    tree: str
    release: str

    @property
    def pinned(self) -> Links:
        """The same addresses where they never change."""
        return replace(self, tree=f"/releases/{self.release}")

    @property
    def current(self) -> Links:
        """The same addresses of whatever release is current."""
        return replace(self, tree="")

    def of(self, release: str) -> Links:
        """The same addresses of another release, where they never change."""
        return replace(self, release=release).pinned

    def _at(self, path: str, **query: Any) -> str:
        given = {name: value for name, value in query.items() if value is not None}
        return f"{self.base}{self.tree}{path}" + (f"?{urlencode(given, safe=',')}" if given else "")

    def landing(self, **query: Any) -> str:
        """The landing page of the tree."""
        return self._at("" if self.tree else "/", **query)

    def conformance(self, **query: Any) -> str:
        """The conformance declaration."""
        return self._at("/conformance", **query)

    def api(self, **query: Any) -> str:
        """The OpenAPI document."""
        return self._at("/api", **query)

    def collections(self, **query: Any) -> str:
        """The list of collections."""
        return self._at("/collections", **query)

    def collection(self, name: str, **query: Any) -> str:
        """One collection."""
        return self._at(f"/collections/{name}", **query)

    def schema(self, name: str, **query: Any) -> str:
        """The schema of a collection's features."""
        return self._at(f"/collections/{name}/schema", **query)

    def queryables(self, name: str, **query: Any) -> str:
        """What a collection can be filtered by."""
        return self._at(f"/collections/{name}/queryables", **query)

    def sortables(self, name: str, **query: Any) -> str:
        """What a collection can be sorted by."""
        return self._at(f"/collections/{name}/sortables", **query)

    def codelists(self, **query: Any) -> str:
        """The list of code lists."""
        return self._at("/codelists", **query)

    def codelist(self, name: str, **query: Any) -> str:
        """One code list."""
        return self._at(f"/codelists/{name}", **query)

    def functions(self, **query: Any) -> str:
        """The functions that a filter may call."""
        return self._at("/functions", **query)

    def items(self, name: str, **query: Any) -> str:
        """The features of a collection."""
        return self._at(f"/collections/{name}/items", **query)

    def item(self, name: str, feature: str, **query: Any) -> str:
        """One feature."""
        return self._at(f"/collections/{name}/items/{quote(str(feature), safe='')}", **query)

    def tilesets(self, name: str | None, **query: Any) -> str:
        """The tilesets of a collection, or of the whole dataset when `name` is None."""
        return self._at(f"{_in(name)}/tiles", **query)

    def tileset(self, name: str | None, tms: str, **query: Any) -> str:
        """One tileset; f=tilejson for its TileJSON."""
        return self._at(f"{_in(name)}/tiles/{tms}", **query)

    def tile_template(self, name: str | None, tms: str, **query: Any) -> str:
        """Tiles by the names of OGC API Tiles: {tileMatrix}/{tileRow}/{tileCol}."""
        return self._at(f"{_in(name)}/tiles/{tms}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", **query)

    def tile_zyx(self, name: str | None, tms: str, **query: Any) -> str:
        """The same tiles by the names of TileJSON: {z}/{y}/{x}."""
        return self._at(f"{_in(name)}/tiles/{tms}/{{z}}/{{y}}/{{x}}", **query)

    def tile_matrix_sets(self, **query: Any) -> str:
        """The list of tile matrix sets."""
        return self._at("/tileMatrixSets", **query)

    def tile_matrix_set(self, name: str, **query: Any) -> str:
        """One tile matrix set."""
        return self._at(f"/tileMatrixSets/{name}", **query)

    def styles(self, **query: Any) -> str:
        """The list of styles."""
        return self._at("/styles", **query)

    def style(self, name: str, **query: Any) -> str:
        """One style."""
        return self._at(f"/styles/{name}", **query)

    def style_metadata(self, name: str, **query: Any) -> str:
        """What a style is and where its parts are."""
        return self._at(f"/styles/{name}/metadata", **query)

    def legend(self, name: str, **query: Any) -> str:
        """The legend of a style."""
        return self._at(f"/styles/{name}/legend", **query)

    def glyphs(self) -> str:
        """The template of glyph ranges."""
        return self._at("/fonts/{fontstack}/{range}.pbf")

    def sprite(self) -> str:
        """The base address of the sprite."""
        return self._at("/sprites/blueprint")

    def map(self, **query: Any) -> str:
        """The map page."""
        return self._at("/map", **query)

    def releases(self, **query: Any) -> str:
        """The list of releases."""
        return f"{self.base}/releases" + (f"?{urlencode(query)}" if query else "")

    def timemap(self, form: str, below: str) -> str:
        """All states of a resource in time, as "link" or "json"; `below` is its path and query, encoded."""
        return f"{self.base}/timemap/{form}{below}"

    def manifest(self, **query: Any) -> str:
        """The manifest of the release."""
        return self.pinned._at("/manifest", **query)

    def changes(self, since: str, **query: Any) -> str:
        """What became of each layer since another release."""
        return self._at("/changes", since=since, **query)

    def layer_changes(self, name: str, since: str, **query: Any) -> str:
        """What became of the features of a collection since another release."""
        return self._at(f"/collections/{name}/changes", since=since, **query)

    def versions(self, name: str, feature: str, **query: Any) -> str:
        """The releases in which a feature changed."""
        return self.current._at(f"/collections/{name}/items/{quote(str(feature), safe='')}/versions", **query)

    def report(self, **query: Any) -> str:
        """The gate's report on the release."""
        return self._at("/report", **query)

    def report_schema(self, **query: Any) -> str:
        """The JSON Schema of reports."""
        return self._at("/report.schema.json", **query)

    def proof(self, name: str, feature: str, **query: Any) -> str:
        """The proof that a feature is in the release."""
        return self._at(f"/collections/{name}/items/{quote(str(feature), safe='')}/proof", **query)

    def signature(self) -> str:
        """The signature on the release's manifest."""
        return self.pinned._at("/manifest.sig")

    def keys(self) -> str:
        """The public keys by which signatures are verified."""
        return f"{self.base}/.well-known/blueprint-keys"

    def asset(self, name: str) -> str:
        """A file of the pages."""
        return f"{self.base}/assets/{name}"


def _in(name: str | None) -> str:
    return "" if name is None else f"/collections/{name}"


def link(
    rel: str, href: str, media: str | None = None, title: str | None = None, **extra: Any
) -> dict[str, Any]:
    """A link as OGC API Common writes it."""
    known = {"rel": rel, "href": href, "type": media, "title": title, **extra}
    return {name: value for name, value in known.items() if value is not None}
