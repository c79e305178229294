// Building the page: elements from plain values, never from markup, so that no attribute of a feature becomes code.

/** An element with attributes and children; a function is a listener, false or null leaves an attribute out. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/** The badge that says how real a layer is. */
export function badge(nature, natures) {
  const words = natures[nature];
  return element("span", { class: `badge ${nature}`, title: words.meaning }, words.title);
}

/** Chinese or English, by the language of the page. */
export function say(zh, en) {
  return document.documentElement.lang === "en" ? en : zh;
}
