/* Shows what others did: a card that moved slides from where it was, one that changed lights up in their colour. */

const SLIDE_MS = 260;
const GLOW_MS = 1_400;

export interface Touch {
  userId: number;
  /** Where the card was before. */
  from: DOMRect | undefined;
}

function isReduced(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

export function showTouch(card: HTMLElement, touch: Touch): void {
  if (isReduced()) return;
  const to = card.getBoundingClientRect();
  const across = touch.from ? touch.from.left - to.left : 0;
  const along = touch.from ? touch.from.top - to.top : 0;
  if (across !== 0 || along !== 0) {
    const start = { transform: `translate(${across}px, ${along}px)`, zIndex: 5 };
    card.animate([start, { transform: "none", zIndex: 5 }], { duration: SLIDE_MS, easing: "ease-out" });
  }
  const colour = getComputedStyle(card).getPropertyValue("--hue");
  card.animate([{ boxShadow: `0 0 0 2px ${colour}` }, { boxShadow: `0 0 0 2px ${colour}`, offset: 0.6 }, {}], { duration: GLOW_MS });
}
