// The list of layers: by group, each with a switch, its legend, how real it is, and when it can be seen.

import { badge, element, say } from "./element.js";
import * as permalink from "./permalink.js";
import { swatch } from "./swatch.js";

export class LayerList {
  /** `map` is ready with its style; `setting` is the page's; `legend` has entries by layer id. */
  constructor(map, setting, legend, root) {
    this.map = map;
    this.setting = setting;
    this.drawn = new Map();
    for (const one of map.getStyle().layers) {
      const layer = one.metadata?.["blueprint:layer"];
      if (layer) this.drawn.set(layer, [...(this.drawn.get(layer) ?? []), one]);
    }
    this.rows = new Map();
    const groups = setting.groups.filter((group) => group.layers.length);
    root.replaceChildren(...groups.map((group) => this.#group(group, legend)));
    this.#start();
    map.on("zoomend", () => this.#tellZooms());
    this.#tellZooms();
  }

  #group(group, legend) {
    const rows = group.layers.map((layer) => this.#row(layer, legend[layer.id] ?? []));
    return element("details", { open: true, class: "group" },
      element("summary", {}, element("h3", {}, group.title)),
      element("ul", {}, rows));
  }

  #row(layer, entries) {
    const drawable = this.drawn.has(layer.id) && layer.mapped > 0;
    const box = element("input", { type: "checkbox", id: `layer-${layer.id}`, disabled: !drawable,
      change: () => this.#switch(layer, box.checked) });
    // A single picture needs no words of its own beside the layer's title.
    const single = drawable && entries.length === 1 ? swatch(entries[0]) : null;
    const note = element("span", { class: "when" }, drawable ? "" : say("没有几何，不在图上", "has no geometry, not on the map"));
    const row = element("li", { class: "layer" },
      element("div", { class: "line" },
        box,
        element("label", { for: box.id, title: layer.description }, layer.title),
        single,
        badge(layer.nature, this.setting.natures),
        element("a", { href: layer.collection, class: "about",
          "aria-label": say(`关于${layer.title}`, `About ${layer.title}`) }, "ⓘ")),
      note,
      drawable && !single && entries.length
        ? element("ul", { class: "swatches" }, entries.map((entry) => element("li", {}, swatch(entry), entry.title)))
        : "");
    this.rows.set(layer.id, { layer, box, note, row, drawable });
    return row;
  }

  /** Which layers are on at first: those of the address, or one alone, or what the style says. */
  #start() {
    const asked = permalink.read("layers")?.split(",") ?? (this.setting.only ? [this.setting.only] : null);
    for (const { layer, box, drawable } of this.rows.values()) {
      const on = asked ? asked.includes(layer.id) : this.#byDefault(layer.id);
      box.checked = on && drawable;
      this.#show(layer.id, box.checked);
    }
  }

  #byDefault(id) {
    return (this.drawn.get(id) ?? []).some((one) => one.metadata["blueprint:default"]);
  }

  #switch(layer, on) {
    this.#show(layer.id, on);
    const rows = [...this.rows.values()].filter(({ drawable }) => drawable);
    const usual = !this.setting.only && rows.every(({ layer, box }) => box.checked === this.#byDefault(layer.id));
    permalink.write("layers", usual ? null : rows.filter(({ box }) => box.checked).map(({ layer }) => layer.id).join(","));
    this.#tellZooms();
  }

  #show(id, on) {
    for (const one of this.drawn.get(id) ?? []) {
      this.map.setLayoutProperty(one.id, "visibility", on ? "visible" : "none");
    }
    this.rows.get(id).row.classList.toggle("off", !on);
  }

  #tellZooms() {
    const zoom = this.map.getZoom();
    for (const { layer, box, note, drawable } of this.rows.values()) {
      if (!drawable) continue;
      const starts = Math.min(...this.drawn.get(layer.id).map((one) => one.minzoom ?? 0));
      note.textContent = box.checked && zoom < starts ? say("放大后可见", "zoom in to see it") : "";
    }
  }
}
