// Where features are.

import { LngLatBounds } from "./maplibre-gl.mjs";

/** Every position of a geometry, whatever its kind. */
function* positions(geometry) {
  if (geometry.geometries) for (const one of geometry.geometries) yield* positions(one);
  else yield* geometry.coordinates.flat(Infinity).reduce((pairs, number, place) => {
    if (place % 2) pairs.at(-1).push(number); else pairs.push([number]);
    return pairs;
  }, []);
}

/** The box around features, empty where none has a geometry. */
export function around(features) {
  const bounds = new LngLatBounds();
  for (const { geometry } of features) if (geometry) for (const place of positions(geometry)) bounds.extend(place);
  return bounds;
}
