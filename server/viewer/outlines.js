// What the maps beside lists of features share: how features are told apart, and the tie between a map and the list.

/** Whether a feature is pointed at. */
export const MARKED = ["boolean", ["feature-state", "marked"], false];

/** A filter for geometries of some kinds, single and multiple. */
export function kind(...names) {
  return ["in", ["geometry-type"], ["literal", names.flatMap((name) => [name, `Multi${name}`])]];
}

/**
 * Mark in the list what is pointed at on a map, and on all maps what is pointed at in the list; the function that marks.
 * A feature's id in the source "own" is the place of its row.
 */
export function tie(maps, rows, layers) {
  const drawn = { layers: layers.map((layer) => layer.id) };
  let marked = null;
  const mark = (place) => {
    if (place === marked) return;
    for (const [one, on] of [[marked, false], [place, true]]) {
      if (one === null) continue;
      for (const map of maps) map.setFeatureState({ source: "own", id: one }, { marked: on });
      rows[one]?.classList.toggle("marked", on);
    }
    marked = place;
  };
  rows.forEach((row, place) => {
    for (const event of ["mouseenter", "focusin"]) row.addEventListener(event, () => mark(place));
    for (const event of ["mouseleave", "focusout"]) row.addEventListener(event, () => mark(null));
  });
  for (const map of maps) {
    const under = (point) => map.queryRenderedFeatures(point, drawn)[0]?.id ?? null;
    map.on("mousemove", ({ point }) => {
      const place = under(point);
      map.getCanvas().style.cursor = place === null ? "" : "pointer";
      mark(place);
    });
    map.on("mouseout", () => mark(null));
    map.on("click", ({ point }) => {
      const row = rows[under(point)];
      if (!row) return;
      row.scrollIntoView({ block: "center" });
      row.querySelector("a").focus({ preventScroll: true });
    });
  }
  return mark;
}
