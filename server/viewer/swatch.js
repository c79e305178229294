// One entry of the legend as a small picture: the service draws it, from the style itself.

/** The entry's picture; without one an empty place, so that titles stay in line. */
export function swatch(entry) {
  if (!entry.svg) return document.createElement("span");
  return document.adoptNode(new DOMParser().parseFromString(entry.svg, "image/svg+xml").documentElement);
}
