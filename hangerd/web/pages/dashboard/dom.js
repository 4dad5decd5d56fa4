// Builds and changes elements. Text is always text: nothing here is read as HTML.

/** Make an element: attributes by name, listeners as on...: functions, and children, of which strings are text. */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, '');
    else if (value !== false && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Set an element's text, but only if it changes: a screen reader would hear it again. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Bring the children of a container in line with keys, in their order; `make` gives the missing ones. */
export function keep(container, kept, keys, make) {
  const wanted = new Set(keys);
  for (const [key, item] of kept) {
    if (wanted.has(key)) continue;
    item.element.remove();
    kept.delete(key);
  }
  keys.forEach((key, at) => {
    if (!kept.has(key)) kept.set(key, make(key));
    const { element } = kept.get(key);
    if (container.children[at] !== element) container.insertBefore(element, container.children[at] ?? null);
  });
}
