/* How a person looks: initials and a colour that is the same everywhere. */
import { element } from "./dom";

const HUES = 12;

export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0]];
  return letters.map((word) => Array.from(word)[0] ?? "").join("").toUpperCase() || "?";
}

export function hueClass(userId: number): string {
  return `hue-${userId % HUES}`;
}

export function avatar(userId: number, name: string): HTMLElement {
  return element("span", { class: `avatar ${hueClass(userId)}`, title: name, aria: { label: name } }, initials(name));
}
