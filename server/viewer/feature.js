// The panel of what was clicked: every field by its title, codes by their labels, and the way to the record itself.

import { badge, element, say } from "./element.js";

const UNITS = { m2: "m²", km2: "km²", deg: "°" };

export class FeaturePanel {
  /** `chosen` is called with (layer, feature) when another feature is shown and with null when the panel closes. */
  constructor(setting, root, chosen) {
    this.setting = setting;
    this.root = root;
    this.chosen = chosen;
    this.layers = new Map(setting.groups.flatMap((group) => group.layers).map((layer) => [layer.id, layer]));
    this.codelists = setting.codelists;
  }

  get open() {
    return !this.root.hidden;
  }

  /** Show what lies at one place: the first in full, the others to choose from. */
  show(features, focus) {
    this.features = features;
    this.#draw(0);
    this.root.hidden = false;
    if (focus) this.root.querySelector("h2").focus();
  }

  close() {
    this.root.hidden = true;
    this.chosen(null);
  }

  #draw(index) {
    const feature = this.features[index];
    const layer = this.layers.get(feature.layer);
    const others = this.features.map((one, place) => [one, place]).filter(([, place]) => place !== index);
    this.root.replaceChildren(
      element("header", {},
        element("h2", { tabindex: "-1" }, this.#name(feature)),
        element("button", { type: "button", class: "close", "aria-label": say("关闭", "Close"), click: () => this.close() }, "×")),
      element("p", { class: "facts" }, layer.title, " ", badge(layer.nature, this.setting.natures)),
      layer.nature === "real" ? null : element("p", { class: "caution" }, this.setting.natures[layer.nature].meaning),
      element("dl", {}, layer.fields.map((field) => this.#row(field, feature.properties[field.name]))),
      element("p", { class: "actions" },
        element("a", { class: "button first", href: this.#record(layer, feature, "html") }, say("权威记录", "Authoritative record")),
        element("a", { class: "button", href: this.#record(layer, feature, "geojson") }, "GeoJSON")),
      others.length ? element("nav", { class: "others", "aria-label": say("此处的其他要素", "Also here") },
        element("h3", {}, say("此处还有", "Also here")),
        element("ul", {}, others.map(([one, place]) => element("li", {},
          element("button", { type: "button", click: () => { this.#draw(place); this.root.querySelector("h2").focus(); } },
            `${this.layers.get(one.layer).title}${say("：", ": ")}${this.#name(one)}`))))) : null,
    );
    this.root.scrollTop = 0;
    this.chosen(layer, feature);
  }

  #name(feature) {
    const layer = this.layers.get(feature.layer);
    return String(feature.properties[layer.titleField] ?? feature.properties[layer.idField]);
  }

  #record(layer, feature, form) {
    const id = encodeURIComponent(feature.properties[layer.idField]);
    return `${layer.items}/${id}?f=${form}&lang=${this.setting.lang}`;
  }

  #row(field, value) {
    return element("div", {},
      element("dt", { title: field.name }, field.title),
      element("dd", {}, this.#shown(field, value)));
  }

  #shown(field, value) {
    if (value === undefined || value === null || value === "") return "—";
    if (typeof value === "boolean") return value ? say("是", "yes") : say("否", "no");
    // A tile has no arrays: they travel as JSON text (MVT 2.1, 4.1).
    if (field.type === "array") return JSON.parse(value).map((one) => this.#label(field, one)).join(say("、", ", "));
    if (field.type === "number" || (field.type === "integer" && field.unit)) {
      const text = Number(value).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 6 });
      return field.unit ? `${text} ${UNITS[field.unit] ?? field.unit}` : text;
    }
    return this.#label(field, String(value));
  }

  #label(field, value) {
    const title = field.codelist && this.codelists[field.codelist]?.[value];
    return title && title !== value ? `${title} (${value})` : value;
  }
}
