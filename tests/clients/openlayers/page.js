// A map as an agency would write it: a tileset by its address, a CRS that OpenLayers is told about, colours by province.
"use strict";

const COLOURS = { 51: "#f2d16b", 50: "#6bb7a8" };
let map;
let clicked;

function style(feature) {
  const colour = COLOURS[String(feature.get("XZQDM")).slice(0, 2)] ?? "rgba(120, 120, 200, 0.1)";
  const fill = new ol.style.Fill({ color: colour });
  const stroke = new ol.style.Stroke({ color: "#444444", width: 1 });
  return new ol.style.Style({ fill, stroke, image: new ol.style.Circle({ radius: 3, fill, stroke }) });
}

// Resolves when everything in view is drawn.
function draw({ tileset, code, definition, centre, resolution, collections }) {
  if (definition) {
    proj4.defs(code, definition);
    ol.proj.proj4.register(proj4);
  }
  const source = new ol.source.OGCVectorTile({
    url: tileset,
    format: new ol.format.MVT(),
    projection: code,
    collections,
    wrapX: false,
  });
  map = new ol.Map({
    target: "map",
    controls: [],
    layers: [new ol.layer.VectorTile({ source, style })],
    view: new ol.View({ projection: code, center: centre, resolution, constrainResolution: false }),
  });
  map.on("click", (event) => {
    clicked = at(event.pixel);
  });
  return new Promise((done, failed) => {
    source.on("change", () => {
      if (source.getState() === "error") failed(new Error(`${tileset} cannot be read`));
      if (source.getState() === "ready") map.once("rendercomplete", () => done());
    });
    source.on("tileloaderror", (event) => failed(new Error(event.tile.src_ ?? "a tile")));
  });
}

// What lies at a pixel, topmost first: the layer, the id and the attributes in the tile.
function at(pixel) {
  return map.getFeaturesAtPixel(pixel).map((feature) => {
    const { layer, ...properties } = feature.getProperties();
    return { layer, id: feature.getId(), properties };
  });
}

// For each longitude and latitude: where OpenLayers puts it, what is there, and in which colour.
function probe(places, code) {
  const canvas = document.querySelector("#map canvas");
  const paper = canvas.getContext("2d");
  return places.map((place) => {
    const pixel = map.getPixelFromCoordinate(ol.proj.transform(place, "EPSG:4326", code));
    const [red, green, blue] = paper.getImageData(Math.round(pixel[0]), Math.round(pixel[1]), 1, 1).data;
    return { pixel, features: at(pixel), colour: [red, green, blue] };
  });
}
