// The map page. Everything it shows comes from one release of this service; no request goes to another host.

import { AttributionControl, LngLatBounds, Map as MapLibre, NavigationControl, ScaleControl } from "./maplibre-gl.mjs";
import { element, say } from "./element.js";
import { FeaturePanel } from "./feature.js";
import { LayerList } from "./layers.js";
import * as permalink from "./permalink.js";
import { Selection } from "./selection.js";

/** Pixels round a click in which a point or line counts as hit: a finger is less exact than a pointer. */
const REACH = matchMedia("(pointer: coarse)").matches ? 12 : 5;
const NARROW = matchMedia("(max-width: 60rem)").matches;
/** Degrees beyond the region to which the map may be moved. */
const MARGIN = 8;

const setting = JSON.parse(document.getElementById("setting").textContent);
const state = document.getElementById("state");
const drawer = document.getElementById("drawer");
const opener = document.getElementById("opener");

function tell(text) {
  state.textContent = text;
  state.hidden = !text;
}

function makeMap() {
  const [west, south, east, north] = setting.bounds;
  const map = new MapLibre({
    container: "map",
    style: setting.style,
    hash: "map",
    // A phone shows the heart of the region: all of it would be a stamp.
    ...(NARROW
      ? { center: setting.centre, zoom: setting.zoom - 1 }
      : { bounds: [west, south, east, north], fitBoundsOptions: { padding: 20 } }),
    maxBounds: [west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN],
    maxZoom: 18,
    // Chinese is drawn with the service's own glyphs, the same on every machine.
    localIdeographFontFamily: false,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    locale: {
      "Map.Title": say("地图", "Map"),
      "NavigationControl.ZoomIn": say("放大", "Zoom in"),
      "NavigationControl.ZoomOut": say("缩小", "Zoom out"),
      "AttributionControl.ToggleAttribution": say("显示或收起署名", "Toggle attribution"),
    },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
  map.addControl(new AttributionControl({ compact: true }), "bottom-right");
  // On a narrow screen the credits would cover the map: there they begin folded.
  if (NARROW) map.once("load", () => map.getContainer().querySelector(".maplibregl-compact-show > summary")?.click());
  return map;
}

/** What lies at a point of the screen, the topmost first, each feature once. */
function found(map, point) {
  const box = [[point.x - REACH, point.y - REACH], [point.x + REACH, point.y + REACH]];
  const exact = new Set(map.queryRenderedFeatures(point).map(key));
  const seen = new Map();
  for (const feature of map.queryRenderedFeatures(box)) {
    const layer = feature.layer.metadata?.["blueprint:layer"];
    // Areas count only where the pointer is in them; points and lines already near it.
    if (!layer || (feature.layer.type === "fill" && !exact.has(key(feature)))) continue;
    if (!seen.has(key(feature))) seen.set(key(feature), { layer, properties: feature.properties });
  }
  return [...seen.values()];
}

function key(feature) {
  return `${feature.sourceLayer}/${feature.id}`;
}

async function start() {
  const map = makeMap();
  const legend = await fetch(setting.legend).then((answer) => answer.json());
  const selection = new Selection(map);
  const panel = new FeaturePanel(setting, document.getElementById("feature"), (layer, feature) => {
    document.body.classList.toggle("reading", layer !== null);
    if (layer) selection.mark(layer, feature); else selection.clear();
    permalink.write("feature", layer ? `${layer.id}/${feature.properties[layer.idField]}` : null);
  });
  const choose = (point, focus) => {
    const features = found(map, point);
    if (features.length) panel.show(features, focus);
    else if (panel.open) panel.close();
  };

  map.on("error", ({ error }) => {
    console.warn(error);
    tell(say("部分数据未能载入", "Some data could not be loaded"));
  });
  map.on("click", (event) => {
    if (listing()) list(false);
    else choose(event.point, false);
  });
  map.on("mousemove", ({ point }) => {
    map.getCanvas().style.cursor = found(map, point).length ? "pointer" : "";
  });
  map.on("styledata", () => tell(""));
  map.on("load", () => {
    const byLayer = Object.fromEntries(legend.layers.map((layer) => [layer.id, layer.entries]));
    new LayerList(map, setting, byLayer, document.getElementById("layers"));
    reopen(map, panel);
  });
  map.on("idle", () => { document.body.dataset.state = "idle"; });

  const canvas = map.getCanvas();
  canvas.setAttribute("aria-describedby", "keys");
  canvas.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const { width, height } = canvas.getBoundingClientRect();
    choose({ x: width / 2, y: height / 2 }, true);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (panel.open) { panel.close(); canvas.focus(); }
    else if (listing()) { list(false); opener.focus(); }
  });
  if (setting.extent && permalink.read("map") === null) {
    map.fitBounds(new LngLatBounds(setting.extent), { padding: 40, maxZoom: 12, animate: false });
  }
}

/** Open the feature that the address names, once its tile has come. */
function reopen(map, panel) {
  const [layer, ...rest] = (permalink.read("feature") ?? "").split("/");
  const known = panel.layers.get(layer);
  if (!known) return;
  const look = () => {
    const id = rest.join("/");
    const sources = Object.keys(map.getStyle().sources);
    const hit = sources.flatMap((source) => map.querySourceFeatures(source, { sourceLayer: layer }))
      .find((feature) => String(feature.properties[known.idField]) === id);
    if (hit) panel.show([{ layer, properties: hit.properties }], false);
  };
  map.once("idle", look);
}

/** Whether the list of layers lies over the map, on a narrow screen. */
function listing() {
  return document.body.classList.contains("listing");
}

/** Open or close that list. */
function list(open) {
  document.body.classList.toggle("listing", open);
  opener.setAttribute("aria-expanded", String(open));
  if (open) drawer.querySelector("summary, input")?.focus();
}

opener.addEventListener("click", () => list(!listing()));
for (const link of document.querySelectorAll(".lang a")) {
  link.addEventListener("click", () => { link.hash = location.hash; });
}
start().catch((error) => {
  console.error(error);
  document.getElementById("map").append(element("p", { class: "failure" },
    say("无法显示地图：浏览器不支持 WebGL，或样式无法读取。", "The map cannot be shown: the browser has no WebGL, or the style cannot be read.")));
});
