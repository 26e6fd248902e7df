// What would come of a time that was drawn, beside it: book it at once and undo it, go to the form, or
// take one of the times that are free instead.
import { button, make, send } from "./lanes_make.js";

const GAP = 8; // px

export function asking(lanes) {
  const { spec, host, box } = lanes;
  const form = host.querySelector("[data-ask]").content;
  let open = null; // {card, ghost, back}

  async function look(values) {
    const address = new URL(spec.ask, location.href);
    for (const [name, value] of Object.entries(values)) if (value) address.searchParams.set(name, value);
    try {
      const answer = await fetch(address, { cache: "no-store" });
      return await answer.json();
    } catch {
      return { lines: [spec.words.lost], lost: true };
    }
  }

  function close() {
    if (!open) return;
    const { card, ghost, back } = open;
    open = null;
    ghost.remove();
    const within = card.contains(document.activeElement);
    card.remove();
    if (within) (back.isConnected ? back : lanes.body.querySelector('[tabindex="0"]'))?.focus({ preventScroll: true });
  }

  function beside(card, ghost) {
    host.append(card);
    const [at, frame, base] = [ghost, box, host].map((one) => one.getBoundingClientRect());
    const left = Math.min(Math.max(at.left, frame.left), frame.right - card.offsetWidth - GAP);
    const below = at.bottom + GAP + card.offsetHeight < window.innerHeight;
    card.style.left = `${Math.max(left - base.left, 0)}px`;
    card.style.top = `${(below || at.top < card.offsetHeight ? at.bottom + GAP : at.top - GAP - card.offsetHeight) - base.top}px`;
  }

  async function book(values, purpose) {
    const [done, told] = await send(lanes, spec.make, { ...values, purpose });
    if (!done && told.when) return show(values, told);
    close();
    const more = told.undo ? [button(spec.words.undo, () => unmake(told.undo))] : [];
    lanes.say(told.text ?? told.lines.join(" "), { bad: !done, more });
    more[0]?.focus();
    lanes.parts.again(...lanes.sight());
    return undefined;
  }

  async function unmake(undo) {
    const [done, told] = await send(lanes, spec.unmake, undo);
    lanes.say(told.text ?? told.lines.join(" "), { bad: !done });
    lanes.parts.again(...lanes.sight());
  }

  function fill(card, values, told) {
    card.replaceChildren(form.cloneNode(true));
    const part = (name) => card.querySelector(`[data-${name}]`);
    part("when").textContent = told.when ?? "";
    part("where").textContent = told.where ?? "";
    part("where").hidden = !told.where;
    part("lines").replaceChildren(...told.lines.map((line) => Object.assign(make("p", "bad"), { textContent: line })));
    const offers = (told.offers ?? []).map((offer) => {
      const item = make("li", "");
      item.append(button(offer.text, () => ask({ start: offer.start, end: offer.end, unit: offer.unit ?? "" })));
      return item;
    });
    part("offers").replaceChildren(...offers);
    part("instead").hidden = part("offers").hidden = !offers.length;
    part("purpose").hidden = part("book").hidden = !(told.ok && told.direct);
    part("book").textContent = told.verb ?? "";
    part("book").addEventListener("click", (event) => {
      event.target.disabled = true;
      book({ ...values, key: told.key }, part("purpose").querySelector("select").value);
    });
    part("form").hidden = !told.page;
    if (told.page) part("form").href = told.page;
    part("close").addEventListener("click", close);
  }

  function show(values, told) {
    if (!open) return;
    fill(open.card, values, told);
    beside(open.card, open.ghost);
    const first = [...open.card.querySelectorAll(".cal-row > *, .cal-offers button")].find((one) => one.offsetParent);
    (first ?? open.card.querySelector("[data-close]")).focus({ preventScroll: true });
  }

  async function ask(values) {
    const mine = open;
    const told = await look(values);
    if (open === mine) show(values, told); // another time may have been drawn meanwhile
  }

  function start(lane, from, until) {
    close();
    const row = [...lanes.rows.values()].find((one) => one.lane === lane);
    const ghost = make("div", "slab drawn");
    row.append(ghost);
    lanes.place(ghost, from, until, lane);
    ghost.textContent = `${lanes.text(from)}–${lanes.text(until)}`;
    const card = make("div", "cal-ask", "dialog");
    card.setAttribute("aria-label", `${lanes.text(from)}–${lanes.text(until)}`);
    const back = document.activeElement;
    open = { card, ghost, back };
    return ask({ start: from, end: until, unit: lane.unit ?? "" });
  }

  document.addEventListener("keydown", (event) => event.key === "Escape" && close());
  document.addEventListener("pointerdown", (event) => open && !open.card.contains(event.target) && close());
  box.addEventListener("scroll", () => open && beside(open.card, open.ghost), { passive: true });
  return { start, busy: () => Boolean(open) };
}
