// On a narrow screen the week opens at today; arrow keys walk from slot to slot.
const STEP = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function walk(event, rows) {
  const step = STEP[event.key];
  const cell = event.target.closest("td");
  if (!step || !cell || !event.target.matches("a.slot")) return;
  let row = rows.indexOf(cell.parentElement);
  let column = cell.cellIndex;
  for (;;) {
    row += step[0];
    column += step[1];
    const next = rows[row]?.cells[column];
    if (!next) return;
    const link = next.querySelector("a.slot");
    if (link) {
      event.preventDefault();
      link.focus();
      return;
    }
  }
}

export function weeks(root) {
  for (const box of root.querySelectorAll("[data-week]")) {
    const rows = [...box.querySelectorAll("tbody tr")];
    const today = box.querySelector("th.today");
    const hours = box.querySelector(".hour");
    if (today) box.scrollLeft = today.offsetLeft - hours.offsetWidth;
    box.addEventListener("keydown", (event) => walk(event, rows));
  }
}
