// The map on a page of changes: one place in two releases, before on the left of a divider and after on its right. Both
// move together, and what changed is outlined on the side where it is so.

import { AttributionControl, Map as MapLibre, NavigationControl } from "./maplibre-gl.mjs";
import { say } from "./element.js";
import { MARKED, kind, tie } from "./outlines.js";
import { around } from "./places.js";

const frame = document.getElementById("swipe");
const divider = frame?.querySelector(".divider");
const rows = [...document.querySelectorAll("ol.changes > li")];
const COLOUR = ["match", ["get", "change"], "added", "#0b6b39", "removed", "#b3231c", "#1a5fb4"];

/** A white edge below each outline, so that it is seen on any ground; what is gone is dashed. */
const WIDTH = ["case", MARKED, 5, 2.5];
const LINES = kind("Polygon", "LineString");
const GONE = ["==", ["get", "change"], "removed"];
const LAYERS = [
  { id: "own-fill", type: "fill", filter: kind("Polygon"), paint: { "fill-color": COLOUR, "fill-opacity": ["case", MARKED, 0.4, 0.14] } },
  { id: "own-edge", type: "line", filter: LINES, layout: { "line-join": "round" }, paint: { "line-color": "#fff", "line-width": ["+", 2.5, WIDTH], "line-opacity": 0.85 } },
  { id: "own-line", type: "line", filter: ["all", LINES, ["!", GONE]], layout: { "line-join": "round" }, paint: { "line-color": COLOUR, "line-width": WIDTH } },
  { id: "own-gone", type: "line", filter: ["all", LINES, GONE], layout: { "line-join": "round" }, paint: { "line-color": COLOUR, "line-width": WIDTH, "line-dasharray": [2, 1.2] } },
  { id: "own-point", type: "circle", filter: kind("Point"), paint: { "circle-color": COLOUR, "circle-radius": ["case", MARKED, 11, 7], "circle-stroke-color": "#fff", "circle-stroke-width": 2.5 } },
];

/** The features of one side; a change's place on the page is their id. */
function side(changes, member) {
  return changes.flatMap((one, place) => {
    const geometry = one[member]?.geometry;
    return geometry ? [{ type: "Feature", id: place, geometry, properties: { change: one.change } }] : [];
  });
}

function makeMap(name, features, bounds) {
  const container = frame.querySelector(`.side.${name}`);
  const map = new MapLibre({
    container,
    style: frame.dataset[name],
    bounds,
    fitBoundsOptions: { padding: 60, maxZoom: 14 },
    maxZoom: 18,
    localIdeographFontFamily: false,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    // A page is scrolled over its map, not stopped by it.
    cooperativeGestures: true,
    locale: {
      "Map.Title": container.getAttribute("aria-label"),
      "NavigationControl.ZoomIn": say("放大", "Zoom in"),
      "NavigationControl.ZoomOut": say("缩小", "Zoom out"),
      "AttributionControl.ToggleAttribution": say("显示或收起署名", "Toggle attribution"),
      "CooperativeGesturesHandler.WindowsHelpText": say("按住 Ctrl 滚动以缩放地图", "Hold Ctrl and scroll to zoom the map"),
      "CooperativeGesturesHandler.MacHelpText": say("按住 ⌘ 滚动以缩放地图", "Hold ⌘ and scroll to zoom the map"),
      "CooperativeGesturesHandler.MobileHelpText": say("用两指移动地图", "Use two fingers to move the map"),
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.on("error", ({ error }) => console.warn(error));
  map.on("load", () => {
    map.addSource("own", { type: "geojson", data: { type: "FeatureCollection", features } });
    for (const layer of LAYERS) map.addLayer({ ...layer, source: "own" });
  });
  return map;
}

/** Each map follows the other; what one is made to do by the other it does not hand back. */
function together(maps) {
  let leading = null;
  for (const map of maps) {
    map.on("move", () => {
      if (leading && leading !== map) return;
      leading = map;
      for (const other of maps) if (other !== map) other.jumpTo({ center: map.getCenter(), zoom: map.getZoom() });
      leading = null;
    });
  }
}

/** Put the divider at a share of the width, in per cent. */
function place(share) {
  const at = Math.min(100, Math.max(0, share));
  frame.style.setProperty("--at", `${at}%`);
  const told = Math.round(at);
  divider.setAttribute("aria-valuenow", String(told));
  divider.setAttribute("aria-valuetext", say(`此前占 ${told}%，此后占 ${100 - told}%`, `before ${told} %, after ${100 - told} %`));
  frame.dataset.at = String(told);
}

const KEYS = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10, Home: -100, End: 100 };

function draggable() {
  place(50);
  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId);
    divider.focus({ preventScroll: true });
    event.preventDefault();
  });
  divider.addEventListener("pointermove", (event) => {
    if (!divider.hasPointerCapture(event.pointerId)) return;
    const { left, width } = frame.getBoundingClientRect();
    place(((event.clientX - left) / width) * 100);
  });
  divider.addEventListener("keydown", (event) => {
    const step = KEYS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    place(Number(frame.dataset.at) + step);
  });
}

/** Tie the maps to the list, whose buttons show one change alone. */
function list(maps, features) {
  const mark = tie(maps, rows, LAYERS);
  rows.forEach((row, place) => {
    const button = row.querySelector("button.show");
    if (!button) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      const bounds = around(features.flat().filter((feature) => feature.id === place));
      maps[0].fitBounds(bounds, { padding: 60, maxZoom: 15, animate: !matchMedia("(prefers-reduced-motion: reduce)").matches });
      frame.scrollIntoView({ block: "nearest" });
      mark(place);
    });
  });
}

async function start() {
  const answer = await fetch(frame.dataset.changes);
  if (!answer.ok) return;
  const { changes } = await answer.json();
  const features = [side(changes, "before"), side(changes, "feature")];
  const bounds = around(features.flat());
  if (bounds.isEmpty()) return;
  frame.hidden = false;
  const maps = [makeMap("before", features[0], bounds), makeMap("after", features[1], bounds)];
  // Of both releases in one place: those of the upper map, which nothing covers.
  const [, upper] = maps;
  upper.addControl(new NavigationControl({ showCompass: false }), "bottom-left");
  upper.addControl(new AttributionControl({ compact: true }), "bottom-right");
  upper.once("load", () => frame.querySelector(".maplibregl-compact-show > summary")?.click());
  together(maps);
  draggable();
  await Promise.all(maps.map((map) => map.once("load")));
  list(maps, features);
  const drawn = Promise.all(maps.map((map) => map.once("idle")));
  // One that was idle before the other had loaded is so once more.
  for (const map of maps) map.triggerRepaint();
  await drawn;
  frame.dataset.state = "idle";
}

if (frame) start().catch((error) => {
  // The list says it all; a browser without WebGL just has no map.
  console.warn(error);
  frame.hidden = true;
});
