/* Making elements. Text always goes in as text: nothing a user types is ever parsed as markup. */

type Child = Node | string | null | undefined | false;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<Omit<HTMLElementTagNameMap[K], "dataset">> & { class?: string; aria?: Record<string, string> } = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const { class: classes, aria, ...rest } = properties;
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  for (const [name, value] of Object.entries(aria ?? {})) made.setAttribute(`aria-${name}`, value);
  Object.assign(made, rest);
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}

export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element #${id}`);
  return found;
}

/** Makes the parent's children exactly these, in this order, moving as few as need be. */
export function arrange(parent: Element, children: Element[]): void {
  let next: Element | null = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
  while (next) {
    const after: Element | null = next.nextElementSibling;
    next.remove();
    next = after;
  }
}

/** Said to screen readers. */
export function announce(text: string): void {
  byId("announcer").textContent = text;
}
