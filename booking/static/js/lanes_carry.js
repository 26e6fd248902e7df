// Dragging: over free time to book it (or to close it), a reservation to move it, its edges to make
// it longer or shorter. The same by keys: see lanes_keys.js. What was moved can be moved back.
import { button, send } from "./lanes_make.js";

const HOUR = 3600;
const STEPS = { 1: 900, 3: 1800, 7: 3600, 14: 3600 };
const EDGE = 8; // px
const SLIP = 4; // px before a press becomes a drag

export function carrying(lanes) {
  const { spec, body, box } = lanes;
  const step = spec.step ?? STEPS[spec.days];
  let drag = null;

  function snap(at, lane) {
    const [first] = lanes.span(lane);
    return Math.floor((at - first) / step) * step + first;
  }
  const closing = () => Boolean(document.querySelector("[data-lanes-close]")?.checked);

  function pointed(event, lane) {
    return snap(lanes.at(event.clientX - box.getBoundingClientRect().left + box.scrollLeft, lane), lane);
  }

  // How many lanes below its own the pointer is, where lanes are days of one thing.
  function lower(event) {
    if (!spec.weekly || drag.edge !== "all") return 0;
    const y = event.clientY - body.getBoundingClientRect().top;
    const number = Number(drag.row.ariaRowIndex) - 1;
    return Math.min(Math.max(Math.floor(y / lanes.tall), 0), spec.total - 1) - number;
  }

  // --- free time ----------------------------------------------------------------------------

  function drawn(event) {
    const { s, e } = drag.cell.slab;
    const [a, b] = [drag.from, pointed(event, drag.row.lane)].sort((x, y) => x - y);
    drag.start = Math.max(a, s);
    drag.end = Math.min(b + step, e);
    if (!drag.ghost) {
      drag.ghost = Object.assign(document.createElement("div"), { className: "slab drawn" });
      drag.row.append(drag.ghost);
    }
    lanes.place(drag.ghost, drag.start, drag.end, drag.row.lane);
    drag.ghost.textContent = `${lanes.text(drag.start)}–${lanes.text(drag.end)}`;
  }

  function book(cell, row, start, end) {
    const close = closing() && Boolean(row.lane.close);
    const first = Math.max(Math.ceil(start / 60) * 60, cell.slab.s);
    lanes.book(row.lane, Math.ceil(first / 60) * 60, Math.min(end, cell.slab.e), close);
  }

  // --- a reservation ------------------------------------------------------------------------

  function show() {
    const { cell, row, start, end, down = 0 } = drag;
    cell.classList.add("carried");
    row.classList.toggle("carries", true);
    const shown = lanes.overDays(row.lane, down); // its own day's clock, some days away
    lanes.place(cell, start - shown, end - shown, row.lane);
    cell.style.transform = down ? `translateY(${down * lanes.tall}px)` : "";
    cell.querySelector("i").textContent = `${lanes.text(start)}–${lanes.text(end)}`;
  }

  function shift(by, down = 0) {
    const { s, e } = drag.cell.slab;
    drag.down = down;
    by += lanes.overDays(drag.row.lane, down);
    const least = Math.min(step, e - s);
    if (drag.edge === "start") drag.start = Math.min(s + by, e - least);
    else if (drag.edge === "end") drag.end = Math.max(e + by, s + least);
    else [drag.start, drag.end] = [s + by, e + by];
    show();
  }

  async function put(values) {
    const [done, told] = await send(lanes, spec.move, values);
    const more = [];
    if (done && told.undo) more.push(button(spec.words.undo, () => put(told.undo)));
    for (const offer of done ? [] : told.offers ?? []) {
      const { id, version } = values;
      more.push(button(offer.text, () => put({ id, version, start: offer.start, end: offer.end })));
    }
    if (!done && told.page) {
      more.push(Object.assign(document.createElement("a"), { href: told.page, textContent: spec.words.offer }));
    }
    lanes.say(told.text, { bad: !done, more });
    const number = [...lanes.rows].find(([, row]) => row.lane?.held.some((held) => held.id === Number(values.id)))?.[0] ?? 0;
    lanes.refill(number, number + 1); // as it was, until the answer below
    lanes.parts.again(...lanes.sight());
  }

  // --- by pointer ---------------------------------------------------------------------------

  body.addEventListener("pointerdown", (event) => {
    const cell = event.target.closest(".slab[role=gridcell]");
    if (event.button || event.pointerType === "touch" || !cell?.slab || drag) return;
    const row = cell.parentElement;
    const rect = cell.getBoundingClientRect();
    const near = (side) => rect.width > 4 * EDGE && Math.abs(event.clientX - rect[side]) < EDGE;
    drag = { cell, row, x: event.clientX, from: pointed(event, row.lane), moved: false };
    if (!cell.slab.open) drag.edge = near("left") ? "start" : near("right") ? "end" : "all";
    cell.setPointerCapture(event.pointerId);
  });

  body.addEventListener("pointermove", (event) => {
    if (!drag || drag.keys) return;
    if (!drag.moved && Math.abs(event.clientX - drag.x) < SLIP) return;
    if (!drag.cell.slab.open && !("move" in drag.cell.dataset)) return;
    drag.moved = true;
    if (drag.cell.slab.open) drawn(event);
    else {
      [drag.start, drag.end] = [drag.cell.slab.s, drag.cell.slab.e];
      shift(pointed(event, drag.row.lane) - drag.from, lower(event));
    }
  });

  body.addEventListener("pointerup", (event) => {
    if (!drag || drag.keys) return;
    const { cell, row, moved, start, end } = drag;
    if (moved && cell.slab.open) book(cell, row, start, end);
    else if (moved) drop();
    else if (!event.target.closest("a")) open(cell, row, pointed(event, row.lane));
    finish();
  });

  body.addEventListener("click", (event) => {
    // Touch: a tap opens; dragging scrolls.
    const cell = event.target.closest(".slab[role=gridcell]");
    if (event.pointerType !== "touch" || !cell?.slab) return;
    open(cell, cell.parentElement, pointed(event, cell.parentElement.lane));
  });

  body.addEventListener("pointercancel", () => leave());

  function finish() {
    drag?.ghost?.remove();
    drag?.cell.classList.remove("carried");
    drag?.row.classList.remove("carries");
    drag = null;
  }

  function drop() {
    const { cell, start, end } = drag;
    const { id, version, s, e } = cell.slab;
    finish();
    if (start === s && end === e) return leave();
    return put({ id, version, start, end });
  }

  function leave() {
    const row = drag?.row;
    finish();
    if (!row) return;
    const number = Number(row.ariaRowIndex) - 1;
    lanes.refill(number, number + 1);
    lanes.say(spec.words.dropped);
  }

  // --- what keys do too ---------------------------------------------------------------------

  function open(cell, row, at = cell.slab.s) {
    if (cell.slab.open) {
      const start = Math.max(at, cell.slab.s);
      book(cell, row, start, snap(start, row.lane) + (spec.usual ?? HOUR));
    } else if (cell.slab.url) location.assign(cell.slab.url);
  }

  function take(cell) {
    drag = { cell, row: cell.parentElement, keys: true, edge: "all", start: cell.slab.s, end: cell.slab.e, by: 0, longer: 0, down: 0 };
    show();
    lanes.say(spec.words.carry);
  }

  function nudge(by, end, down = 0) {
    if (end) drag.longer += by * step;
    else drag.by += by * step;
    const { s, e } = drag.cell.slab;
    const number = Number(drag.row.ariaRowIndex) - 1;
    if (spec.weekly) drag.down = Math.min(Math.max(drag.down + down, -number), spec.total - 1 - number);
    drag.start = s + drag.by + lanes.overDays(drag.row.lane, drag.down);
    drag.end = Math.max(e + drag.start - s + drag.longer, drag.start + step);
    show();
    lanes.say(`${lanes.local(drag.start).replace("T", " ")}–${lanes.text(drag.end)}`);
  }

  return { busy: () => Boolean(drag), byKeys: () => Boolean(drag?.keys), open, take, nudge, drop, leave };
}
