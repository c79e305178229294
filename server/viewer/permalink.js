// The address's fragment: where the map is (kept by MapLibre as `map`), which layers are on, which feature is open.
//   #map=8/30.1/105.2&layers=xzq_county,rivers&feature=xzq_county/510105

/** The value of a name in the fragment, null when it is not there. */
export function read(name) {
  const found = parts().find(([key]) => key === name);
  return found ? decodeURIComponent(found[1]) : null;
}

/** Set a name in the fragment, or take it out with null; the browser's history is left alone. */
export function write(name, value) {
  const kept = parts().filter(([key]) => key !== name);
  if (value !== null) kept.push([name, encodeURIComponent(value).replaceAll("%2C", ",").replaceAll("%2F", "/")]);
  const fragment = kept.map(([key, text]) => `${key}=${text}`).join("&");
  history.replaceState(history.state, "", fragment ? `#${fragment}` : location.pathname + location.search);
}

function parts() {
  return location.hash.slice(1).split("&").filter(Boolean).map((part) => {
    const at = part.indexOf("=");
    return at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
  });
}
