/* How a person looks: initials and a colour that is the same everywhere. */
import type { User } from "../client/protocol";
import { element } from "./dom";

const HUES = 12;
const MOST_SHOWN = 6;

export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0]];
  return letters.map((word) => Array.from(word)[0] ?? "").join("").toUpperCase() || "?";
}

export function hueClass(userId: number): string {
  return `hue-${userId % HUES}`;
}

export function avatar(userId: number, name: string, label = name): HTMLElement {
  return element("span", { class: `avatar ${hueClass(userId)}`, title: label, role: "img", aria: { label } }, initials(name));
}

/** Who is here: a face each, and a number for those who do not fit. */
export function peopleList(users: User[], self: User | undefined): HTMLElement[] {
  const shown = users.length > MOST_SHOWN + 1 ? users.slice(0, MOST_SHOWN) : users;
  const faces = shown.map(({ user_id, username }) => avatar(user_id, username, user_id === self?.user_id ? `${username} (you)` : username));
  const others = users.slice(shown.length).map((user) => user.username).join(", ");
  if (others) faces.push(element("span", { class: "avatar more", title: others, role: "img", aria: { label: others } }, `+${users.length - shown.length}`));
  return faces.map((face) => element("li", {}, face));
}
