// The grid by keyboard: arrows from cell to cell and lane to lane, Enter opens, M moves.
const FAR = 10; // lanes of a page key

export function keys(lanes) {
  const { body, box } = lanes;
  let anchor = null; // where across, kept while walking up and down

  function focus(cell) {
    if (!cell) return;
    const old = body.querySelector('[tabindex="0"]');
    if (old) old.tabIndex = -1;
    cell.tabIndex = 0;
    cell.focus({ preventScroll: true });
    reveal(cell);
  }

  function reveal(cell) {
    const number = Number(cell.parentElement.ariaRowIndex) - 1;
    const [top, bottom] = [number * lanes.tall, (number + 1) * lanes.tall];
    const head = lanes.head.offsetHeight;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (bottom + head > box.scrollTop + box.clientHeight) box.scrollTop = bottom + head - box.clientHeight;
    const [left, right] = [cell.offsetLeft - lanes.name, cell.offsetLeft + cell.offsetWidth];
    if (left < box.scrollLeft) box.scrollLeft = left;
    else if (right > box.scrollLeft + box.clientWidth) box.scrollLeft = Math.min(left, right - box.clientWidth);
  }

  // A lane out of sight is scrolled to first; its cells come with its part.
  function go(number) {
    const target = Math.min(Math.max(number, 0), lanes.spec.total - 1);
    if (!lanes.rows.has(target)) {
      box.scrollTop = Math.max(0, target * lanes.tall - box.clientHeight / 2);
      lanes.draw();
    }
    const arrive = () => {
      const row = lanes.rows.get(target);
      if (!row?.lane) return false;
      lanes.arrive = null;
      focus(lanes.cell(row, anchor === null ? lanes.now() : lanes.at(anchor, row.lane)));
      return true;
    };
    if (!arrive()) lanes.arrive = arrive;
  }

  function walk(event, cell) {
    const row = cell.parentElement;
    const all = lanes.cells(row);
    const place = all.indexOf(cell);
    const number = Number(row.ariaRowIndex) - 1;
    const sideways = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: all.length - 1 };
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: FAR, PageUp: -FAR };
    if (event.ctrlKey && event.key === "Home") go(0);
    else if (event.ctrlKey && event.key === "End") go(lanes.spec.total - 1);
    else if (event.key in sideways) {
      const next = all[sideways[event.key]];
      if (next) anchor = lanes.x(next.slab.s, row.lane);
      focus(next);
    } else if (event.key in steps) {
      anchor ??= lanes.x(cell.slab.s, row.lane);
      go(number + steps[event.key]);
    } else return false;
    return true;
  }

  function carried(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const down = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) lanes.carry.nudge(by, event.shiftKey);
    else if (down) lanes.carry.nudge(0, false, down);
    else if (event.key === "Enter" || event.key === " ") lanes.carry.drop();
    else if (event.key === "Escape") lanes.carry.leave();
    else return event.key !== "Tab";
    return true;
  }

  body.addEventListener("keydown", (event) => {
    const cell = event.target.closest("[role=gridcell]");
    if (!cell?.slab || event.altKey || event.metaKey) return;
    if (lanes.carry.byKeys()) {
      if (carried(event)) event.preventDefault();
      return;
    }
    if (walk(event, cell)) event.preventDefault();
    else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      lanes.carry.open(cell, cell.parentElement);
    } else if (event.key.toLowerCase() === "m" && "move" in cell.dataset) {
      event.preventDefault();
      lanes.carry.take(cell);
    }
  });

  body.addEventListener("focusin", (event) => {
    const cell = event.target.closest("[role=gridcell]");
    const old = body.querySelector('[tabindex="0"]');
    if (cell?.slab && old !== cell) {
      if (old) old.tabIndex = -1;
      cell.tabIndex = 0;
    }
  });

  body.addEventListener("focusout", (event) => {
    if (lanes.carry.byKeys() && !body.contains(event.relatedTarget)) lanes.carry.leave();
  });
}
