// One entry of the legend as a small picture.

import { element } from "./element.js";

export function swatch(entry) {
  return element("span", {});
}
