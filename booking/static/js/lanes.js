// Lanes × time: instruments down, hours across. Only the lanes in sight are in the page, however
// many there are; they are read in parts and asked again while the page is looked at.
import { carrying } from "./lanes_carry.js";
import { keys } from "./lanes_keys.js";
import { make } from "./lanes_make.js";
import { parts } from "./lanes_parts.js";

const HOUR = 3600;
const LEAST_HOUR = { 1: 42, 3: 20, 7: 10, 14: 6 }; // px
const LABEL_ROOM = 46; // px
const BEYOND = 6; // lanes kept above and below those in sight
const AGAIN = 5000; // ms

export class Lanes {
  constructor(host) {
    this.host = host;
    this.spec = JSON.parse(host.dataset.lanes ?? host.dataset.calendar);
    this.token = host.dataset.token;
    this.said = document.querySelector("[data-lanes-said]");
    this.rows = new Map(); // lane number → element
    this.away = this.spec.now * 1000 - Date.now(); // the server's clock is the one that counts
    this.clock = new Intl.DateTimeFormat("sv-SE", { timeZone: this.spec.zone, dateStyle: "short", timeStyle: "short" });
    this.frame();
    this.parts = parts(this.spec, (first, last) => this.refill(first, last));
    this.carry = carrying(this);
    keys(this);
    this.box.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.measure()).observe(this.box);
    setInterval(() => this.look(), AGAIN);
    document.addEventListener("visibilitychange", () => this.look());
    this.measure();
    this.box.scrollLeft = this.x(this.startAt()) - this.name - 8;
  }

  frame() {
    this.box = make("div", "lanes", "grid");
    this.box.setAttribute("aria-label", this.host.dataset.label);
    this.box.setAttribute("aria-rowcount", String(this.spec.total));
    this.head = make("div", "lanes-head");
    this.head.setAttribute("aria-hidden", "true");
    this.body = make("div", "lanes-body", "rowgroup");
    this.line = make("div", "lanes-now");
    this.line.setAttribute("aria-hidden", "true");
    this.past = make("div", "lanes-past");
    this.past.setAttribute("aria-hidden", "true");
    this.box.append(this.head, this.past, this.body);
    this.host.append(this.box);
  }

  measure() {
    const style = getComputedStyle(this.box);
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.tall = parseFloat(style.getPropertyValue("--lane")) * rem;
    this.name = parseFloat(style.getPropertyValue("--name")) * rem;
    // No taller than its lanes; the sheet says how tall at most.
    this.box.style.height = `${this.spec.total * this.tall + this.head.offsetHeight + this.box.offsetHeight - this.box.clientHeight}px`;
    const hours = (this.spec.end - this.spec.start) / HOUR;
    const room = this.box.clientWidth - this.name;
    const hour = Math.max(LEAST_HOUR[this.spec.days], room / hours);
    if (hour === this.hour) return this.draw();
    this.hour = hour;
    const wide = this.name + hours * hour;
    this.head.style.width = this.body.style.width = `${wide}px`;
    this.body.style.height = this.past.style.height = `${this.spec.total * this.tall}px`;
    this.past.style.left = `${this.name}px`;
    const step = [1, 2, 3, 6, 12, 24].find((n) => n * hour >= LABEL_ROOM) ?? 24;
    this.body.style.backgroundImage = "linear-gradient(to right, var(--line) 1px, transparent 1px)";
    this.body.style.backgroundSize = `${hour * step}px 100%`;
    this.body.style.backgroundPosition = `${this.name}px 0`;
    this.hours(step);
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
    this.draw();
  }

  hours(step) {
    this.head.replaceChildren(make("div", "lanes-corner"));
    for (const [at, text, day] of this.spec.ticks) {
      if (at >= this.spec.end || (!day && Number(text.slice(0, 2)) % step)) continue;
      const mark = make("div", day ? "lanes-hour day" : "lanes-hour");
      mark.textContent = day || text;
      mark.style.left = `${this.x(at)}px`;
      this.head.append(mark);
    }
  }

  // From when until when a lane reaches; a lane may be a day of its own.
  span(lane) {
    return [lane?.from ?? this.spec.start, lane?.until ?? this.spec.end];
  }

  x(at, lane) {
    const jumped = lane?.bend && at >= lane.bend[0] ? lane.bend[1] : 0; // by the clock on the wall
    return this.name + ((at - this.span(lane)[0] + jumped) / HOUR) * this.hour;
  }

  at(x, lane) {
    const at = this.span(lane)[0] + ((x - this.name) / this.hour) * HOUR;
    return lane?.bend && at - lane.bend[1] >= lane.bend[0] ? at - lane.bend[1] : at;
  }

  // Seconds from a lane to the one so many below it, where lanes are days.
  overDays() {
    return 0;
  }

  now() {
    return Math.floor((Date.now() + this.away) / 1000);
  }

  text(at) {
    return this.clock.format(at * 1000).slice(11);
  }

  // The site's wall clock, as forms take it.
  local(at) {
    return this.clock.format(at * 1000).replace(" ", "T");
  }

  startAt() {
    const now = this.now();
    const inside = now >= this.spec.start && now < this.spec.end;
    return inside ? now - HOUR : this.spec.start + 7 * HOUR;
  }

  // --- the lanes in sight -----------------------------------------------------------------

  sight() {
    const top = this.box.scrollTop;
    const first = Math.max(0, Math.floor(top / this.tall) - BEYOND);
    const last = Math.ceil((top + this.box.clientHeight) / this.tall) + BEYOND;
    return [first, Math.min(this.spec.total, last)];
  }

  draw() {
    const [first, last] = this.sight();
    for (const [number, row] of this.rows) {
      const busy = row.contains(document.activeElement) || row.querySelector(".carried");
      if ((number < first || number >= last) && !busy) {
        row.remove();
        this.rows.delete(number);
      }
    }
    for (let number = first; number < last; number += 1) if (!this.rows.has(number)) this.add(number);
    this.parts.want(first, last);
    this.pass();
    this.enterable();
  }

  pass() {
    const now = this.now();
    const shown = now >= this.spec.start && now < this.spec.end;
    this.line.hidden = !shown;
    if (!this.line.isConnected) this.box.append(this.line);
    this.line.style.left = `${this.x(now)}px`;
    this.line.style.height = this.body.style.height;
    const over = Math.min(Math.max(now, this.spec.start), this.spec.end);
    this.past.style.width = `${this.x(over) - this.name}px`;
  }

  add(number) {
    const row = make("div", "lane waits", "row");
    row.setAttribute("aria-rowindex", String(number + 1));
    row.style.top = `${number * this.tall}px`;
    this.rows.set(number, row);
    this.fill(number, row);
    // In the order of the lanes: so are they read out.
    const next = [...this.body.children].find((other) => Number(other.ariaRowIndex) > number + 1);
    this.body.insertBefore(row, next ?? null);
  }

  refill(first, last) {
    for (const [number, row] of this.rows) {
      if (number < first || number >= last || row.querySelector(".carried, .drawn")) continue;
      const focused = row.contains(document.activeElement) ? document.activeElement.slab?.s : undefined;
      this.fill(number, row);
      if (focused !== undefined) this.cell(row, focused)?.focus({ preventScroll: true });
    }
    this.enterable();
    this.arrive?.();
  }

  fill(number, row) {
    const lane = this.parts.lane(number);
    row.lane = lane;
    row.classList.toggle("waits", !lane);
    const name = make("div", "lane-name", "rowheader");
    if (!lane) {
      const waiting = make("div", "slab", "gridcell");
      waiting.setAttribute("aria-label", this.spec.words.loading);
      name.setAttribute("aria-label", this.spec.words.loading);
      row.replaceChildren(name, waiting);
      return;
    }
    const link = make("a", "");
    [link.href, link.textContent, link.tabIndex, link.title] = [lane.url, lane.pool, -1, lane.pool];
    const unit = make("span", "");
    unit.textContent = [lane.name, lane.state].filter(Boolean).join(" · ");
    name.append(link, unit);
    row.replaceChildren(name, ...this.slabs(lane));
  }

  slabs(lane) {
    const found = [];
    let free = Math.max(this.spec.start, this.now());
    for (const held of lane.held) {
      if (held.b > free) found.push(this.open(lane, free, held.b));
      found.push(...this.held(held, lane));
      free = Math.max(free, held.f);
    }
    if (free < this.spec.end) found.push(this.open(lane, free, this.spec.end));
    if (!found.some((one) => one.role === "gridcell")) found.push(make("div", "slab", "gridcell"));
    return found;
  }

  place(element, start, end, lane) {
    const [first, last] = this.span(lane);
    const [from, until] = [Math.max(start, first), Math.min(end, last)].map((at) => this.x(at, lane));
    element.style.left = `${from}px`;
    element.style.width = `${Math.max(2, until - from)}px`;
  }

  open(lane, start, end) {
    const slab = make("div", lane.book ? "slab open" : "slab", "gridcell");
    slab.slab = { s: start, e: end, open: Boolean(lane.book) };
    slab.tabIndex = -1;
    const words = lane.book ? this.spec.words.free : lane.state;
    slab.setAttribute("aria-label", `${this.text(start)}–${this.text(end)} ${words}`);
    this.place(slab, start, end, lane);
    return slab;
  }

  held(held, lane) {
    const slab = make("div", `slab held ${held.status ?? ""} ${held.kind}${held.own ? " own" : ""}`, "gridcell");
    slab.slab = held;
    slab.tabIndex = -1;
    slab.title = `${held.when}\n${held.title}${held.more ? ` · ${held.more}` : ""}`;
    slab.setAttribute("aria-label", `${held.when} ${held.title} ${held.more}`);
    if (held.url) slab.dataset.url = held.url;
    if (held.move) slab.dataset.move = "";
    const [title, more] = [make("b", ""), make("i", "")];
    [title.textContent, more.textContent] = [held.title, held.more];
    slab.append(title, more);
    this.place(slab, held.s, held.e, lane);
    const [first, last] = this.span(lane);
    const around = [[held.b, held.s], [held.e, held.f]].filter(([from, until]) => from < until && until > first && from < last);
    const shown = held.s < last && held.e > first ? [slab] : []; // of what lies beyond, its buffers
    return [...around.map(([from, until]) => this.around(from, until, lane)), ...shown];
  }

  around(from, until, lane) {
    const buffer = make("div", "slab around");
    buffer.setAttribute("aria-hidden", "true");
    this.place(buffer, from, until, lane);
    return buffer;
  }

  cells(row) {
    return [...row.children].filter((child) => child.slab);
  }

  cell(row, at) {
    const all = this.cells(row);
    return all.find((one) => one.slab.s <= at && at < one.slab.e) ?? all.find((one) => one.slab.s >= at) ?? all.at(-1);
  }

  // One cell can be reached with the tab key: the one last used, else the first in sight.
  enterable() {
    if (this.body.querySelector('[tabindex="0"]')) return;
    const number = Math.ceil(this.box.scrollTop / this.tall);
    const row = this.rows.get(number) ?? this.rows.values().next().value;
    const cell = row && this.cell(row, this.now());
    if (cell) cell.tabIndex = 0;
  }

  // --- what is said, and what others do meanwhile -------------------------------------------

  say(text, { bad = false, more = [] } = {}) {
    this.said.classList.toggle("bad", bad);
    this.said.replaceChildren(text, ...more);
  }

  look() {
    if (document.hidden || this.carry.busy()) return;
    const [first, last] = this.sight();
    this.parts.again(first, last);
    this.pass();
  }

  book(lane, start, end, close = false) {
    const target = new URL(close ? lane.close : lane.book, location.href);
    target.searchParams.set("start", this.local(start));
    target.searchParams.set("end", this.local(end));
    location.assign(target);
  }
}

for (const host of document.querySelectorAll("[data-lanes]")) new Lanes(host);
