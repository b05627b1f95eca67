// Elements, without a framework.

type Child = Node | string;

/** A new element with attributes and children; text is text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export function svg(name: string, attributes: Record<string, string | number> = {}, ...children: Child[]): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

/** The element of the page with an id. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as T;
}

// Between a number and its unit no line may end.
const SPACE = "\u00a0";

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}${SPACE}%`;
}

export function milliseconds(value: number): string {
  if (value >= 1000) return `${(value / 1000).toFixed(1)}${SPACE}s`;
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)}${SPACE}ms`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)}${SPACE}MB`;
}
