/* Short messages that go away by themselves; problems stay until they are closed. */
import { byId, element } from "./dom";

const SHOWN_MS = 4_000;

export function toast(kind: "info" | "problem", title: string, text = ""): void {
  const close = element("button", { class: "quiet", type: "button", aria: { label: "Close" } }, "×");
  const box = element("div", { class: `toast ${kind}` },
    element("div", {}, element("strong", {}, title), text && element("p", {}, text)),
    close,
  );
  close.onclick = () => box.remove();
  if (kind === "info") setTimeout(() => box.remove(), SHOWN_MS);
  byId("toasts").append(box);
  while (byId("toasts").childElementCount > 5) byId("toasts").firstElementChild?.remove();
}
