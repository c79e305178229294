// The mark round the feature whose panel is open.

const COLOUR = "#b22d2a";

export class Selection {
  constructor(map) {
    this.map = map;
    this.marks = [];
  }

  /** Mark one feature, found in all tiles by its id field. */
  mark(layer, feature) {
    this.clear();
    const source = Object.keys(this.map.getStyle().sources)[0];
    const filter = ["==", ["get", layer.idField], feature.properties[layer.idField]];
    const kinds = {
      line: { "line-color": COLOUR, "line-width": 3 },
      circle: { "circle-radius": 11, "circle-color": "transparent", "circle-stroke-color": COLOUR, "circle-stroke-width": 3 },
    };
    for (const [type, paint] of Object.entries(kinds)) {
      const id = `selection-${type}`;
      const only = type === "circle" ? ["all", filter, ["==", ["geometry-type"], "Point"]] : filter;
      this.map.addLayer({ id, type, source, "source-layer": layer.id, filter: only, paint });
      this.marks.push(id);
    }
  }

  /** Take the mark away. */
  clear() {
    for (const id of this.marks) this.map.removeLayer(id);
    this.marks = [];
  }
}
