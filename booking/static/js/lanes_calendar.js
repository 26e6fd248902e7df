// The calendar of one group: days of a week, or of one day all units together and each of them. The
// lanes, their drag, keys and undo are the timeline's; here they know when one may not book, and why.
import { Lanes } from "./lanes.js";
import { make } from "./lanes_make.js";
import { asking } from "./lanes_ask.js";
import { tips } from "./lanes_tip.js";

const HOUR = 3600;
const DAY = 24 * HOUR;
const OPENS_AT = 7; // o'clock: what is scrolled to
const NUMBER_ROOM = 20; // px

export class PoolCalendar extends Lanes {
  constructor(host) {
    super(host);
    tips(this);
    this.ask = asking(this);
  }

  book(lane, start, end) {
    this.ask.start(lane, start, end);
  }

  startAt() {
    return this.spec.weekly ? this.spec.start + OPENS_AT * HOUR : super.startAt();
  }

  overDays(lane, down) {
    if (!this.spec.weekly || !down) return 0;
    const number = [...this.rows].find(([, row]) => row.lane === lane)?.[0];
    const other = this.parts.lane(number + down);
    return other ? other.from - lane.from : down * DAY;
  }

  look() {
    // A narrow screen shows the agenda instead; what is being asked about stays as it is.
    if (this.box.offsetParent && !this.ask?.busy()) super.look();
  }

  // Where a lane is a day, the line of now stands in today's lane alone.
  pass() {
    if (!this.spec.weekly) return super.pass();
    const now = this.now();
    const today = [...this.rows].find(([, row]) => row.lane && row.lane.from <= now && now < row.lane.until);
    this.line.hidden = !today;
    this.past.hidden = true;
    if (!today) return undefined;
    if (!this.line.isConnected) this.box.append(this.line);
    this.line.style.left = `${this.x(now, today[1].lane)}px`;
    this.line.style.top = `${this.head.offsetHeight + today[0] * this.tall}px`;
    this.line.style.height = `${this.tall}px`;
    return undefined;
  }

  fill(number, row) {
    super.fill(number, row);
    row.classList.toggle("together", Boolean(row.lane?.any));
    const now = this.now();
    row.classList.toggle("today", Boolean(this.spec.weekly && row.lane?.from <= now && now < row.lane?.until));
  }

  slabs(lane) {
    const now = this.now();
    const [first, last] = this.span(lane);
    const cells = [];
    for (const [start, end, why] of lane.shut) if (end > now) cells.push(this.shut(lane, Math.max(start, now), end, why));
    for (const [start, end] of lane.open) if (end > now && end > first && start < last) cells.push(this.open(lane, Math.max(start, now), end));
    const held = lane.held.flatMap((one) => this.held(one, lane));
    cells.push(...held.filter((one) => one.slab));
    cells.sort((a, b) => a.slab.s - b.slab.s);
    if (!cells.length) cells.push(this.nothing(lane));
    const past = first < now ? [this.gone(first, Math.min(now, last), lane)] : [];
    const heat = (lane.cells ?? []).map((cell) => this.heat(lane, ...cell));
    return [...past, ...heat, ...held.filter((one) => !one.slab), ...cells];
  }

  open(lane, start, end) {
    const slab = super.open(lane, start, end);
    slab.classList.add(lane.any ? "counted" : "cal-free");
    const counts = (lane.cells ?? []).filter(([from, until]) => from < end && until > start);
    if (counts.length) {
      const [least, most] = [Math.min, Math.max].map((pick) => pick(...counts.map(([, , free]) => free)));
      const free = least === most ? most : `${Math.max(least, 1)}–${most}`;
      const words = this.spec.words.units.replace("{free}", free).replace("{total}", counts[0][3]);
      slab.setAttribute("aria-label", this.when(lane, start, end, words));
    } else slab.setAttribute("aria-label", this.when(lane, start, end, this.spec.words.free));
    return slab;
  }

  when(lane, start, end, words) {
    const [first, last] = this.span(lane);
    const [from, until] = [this.text(Math.max(start, first)), end >= last ? "24:00" : this.text(end)];
    return `${this.spec.weekly ? `${lane.pool} ${lane.name} ` : ""}${from}–${until} ${words}`;
  }

  shut(lane, start, end, why) {
    const slab = make("div", "slab cal-shut", "gridcell");
    slab.slab = { s: start, e: end, why };
    slab.tabIndex = -1;
    slab.setAttribute("aria-label", this.when(lane, start, end, this.spec.words.why.replace("{why}", why)));
    this.place(slab, start, end, lane);
    return slab;
  }

  heat(lane, start, end, free, total) {
    const level = free === 0 ? 0 : 1 + Math.floor((3 * free) / total); // 4: all of them
    const cell = make("div", `heat heat-${level}`);
    cell.setAttribute("aria-hidden", "true");
    this.place(cell, start, end, lane);
    if (this.hour >= NUMBER_ROOM) cell.textContent = free;
    return cell;
  }

  gone(start, end, lane) {
    const part = make("div", "cal-past");
    part.setAttribute("aria-hidden", "true");
    this.place(part, start, end, lane);
    return part;
  }

  // A lane with nothing to reach still has a cell for the keys.
  nothing(lane) {
    const [start, end] = this.span(lane);
    const slab = make("div", "slab", "gridcell");
    slab.slab = { s: start, e: end };
    slab.tabIndex = -1;
    slab.setAttribute("aria-label", this.when(lane, start, end, end <= this.now() ? this.spec.words.past : this.spec.words.shut));
    this.place(slab, start, end, lane);
    return slab;
  }
}

for (const host of document.querySelectorAll("[data-calendar]")) new PoolCalendar(host);
