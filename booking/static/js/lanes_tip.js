// What a cell says, beside it: where the pointer is, where the keys are, and after a tap.
import { make } from "./lanes_make.js";

const GAP = 6; // px

export function tips(lanes) {
  const { box, body, host } = lanes;
  const tip = make("div", "cal-tip");
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true"); // a screen reader hears it as the cell's name
  host.append(tip);

  function show(cell) {
    if (!cell?.slab || lanes.carry.busy()) return hide();
    tip.textContent = cell.slab.when ? cell.title : cell.getAttribute("aria-label");
    tip.hidden = false;
    const [at, frame] = [cell.getBoundingClientRect(), box.getBoundingClientRect()];
    const left = Math.min(Math.max(at.left, frame.left + lanes.name), frame.right - tip.offsetWidth - GAP);
    const below = at.bottom + GAP + tip.offsetHeight < window.innerHeight;
    const base = host.getBoundingClientRect();
    tip.style.left = `${Math.max(left, frame.left + GAP) - base.left}px`;
    tip.style.top = `${(below ? at.bottom + GAP : at.top - GAP - tip.offsetHeight) - base.top}px`;
    return undefined;
  }

  function hide() {
    tip.hidden = true;
  }

  const cellOf = (event) => event.target.closest?.(".slab[role=gridcell]");
  body.addEventListener("pointerover", (event) => event.pointerType !== "touch" && show(cellOf(event)));
  body.addEventListener("pointerleave", hide);
  body.addEventListener("pointerdown", hide);
  body.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && show(cellOf(event)));
  body.addEventListener("focusout", hide);
  body.addEventListener("click", (event) => event.pointerType === "touch" && cellOf(event)?.slab?.why && show(cellOf(event)));
  body.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  box.addEventListener("scroll", hide, { passive: true });
}
