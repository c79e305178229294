// The map on a page of features: the page's own GeoJSON over the service's style, tied to the rows of the table.

import { AttributionControl, Map as MapLibre, NavigationControl } from "./maplibre-gl.mjs";
import { say } from "./element.js";
import { MARKED, kind, tie } from "./outlines.js";
import { around } from "./places.js";

const frame = document.getElementById("smallmap");
const rows = [...document.querySelectorAll("table.items tbody tr")];
const ACCENT = "#b3246f";

/** How features look: thin, and thick where they are marked. */
const LAYERS = [
  { id: "own-fill", type: "fill", filter: kind("Polygon"), paint: { "fill-color": ACCENT, "fill-opacity": ["case", MARKED, 0.5, 0.12] } },
  { id: "own-line", type: "line", filter: kind("Polygon", "LineString"), paint: { "line-color": ACCENT, "line-width": ["interpolate", ["linear"], ["zoom"], 6, ["case", MARKED, 3, 0.6], 11, ["case", MARKED, 4, 1.8]] } },
  { id: "own-point", type: "circle", filter: kind("Point"), paint: { "circle-color": ACCENT, "circle-radius": ["case", MARKED, 9, 5], "circle-stroke-color": "#fff", "circle-stroke-width": 1.5 } },
];

function draw(features, bounds) {
  frame.hidden = false;
  const map = new MapLibre({
    container: frame,
    style: frame.dataset.style,
    bounds,
    fitBoundsOptions: { padding: 30, maxZoom: 13 },
    maxZoom: 18,
    localIdeographFontFamily: false,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    // A page is scrolled over its map, not stopped by it.
    cooperativeGestures: true,
    locale: {
      "Map.Title": frame.getAttribute("aria-label"),
      "NavigationControl.ZoomIn": say("放大", "Zoom in"),
      "NavigationControl.ZoomOut": say("缩小", "Zoom out"),
      "AttributionControl.ToggleAttribution": say("显示或收起署名", "Toggle attribution"),
      "CooperativeGesturesHandler.WindowsHelpText": say("按住 Ctrl 滚动以缩放地图", "Hold Ctrl and scroll to zoom the map"),
      "CooperativeGesturesHandler.MacHelpText": say("按住 ⌘ 滚动以缩放地图", "Hold ⌘ and scroll to zoom the map"),
      "CooperativeGesturesHandler.MobileHelpText": say("用两指移动地图", "Use two fingers to move the map"),
    },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new AttributionControl({ compact: true }), "bottom-right");
  map.on("error", ({ error }) => console.warn(error));
  // The credits of every layer would cover half of it: they begin folded.
  map.once("load", () => frame.querySelector(".maplibregl-compact-show > summary")?.click());
  map.on("load", () => {
    // Places in the page are the features' ids on the map: one that was published may be any text.
    map.addSource("own", { type: "geojson", data: { type: "FeatureCollection", features }, generateId: true });
    for (const layer of LAYERS) map.addLayer({ ...layer, source: "own" });
    if (rows.length) tie([map], rows, LAYERS);
  });
  map.on("idle", () => { frame.dataset.state = "idle"; });
}

async function start() {
  const answer = await fetch(frame.dataset.features);
  if (!answer.ok) return;
  const document = await answer.json();
  const features = document.features ?? [document];
  const bounds = around(features);
  if (!bounds.isEmpty()) draw(features, bounds);
}

if (frame) start().catch((error) => {
  // The table says it all; a browser without WebGL just has no map.
  console.warn(error);
  frame.hidden = true;
});
