// A [data-period] holds a start and an end (datetime-local): moving the start takes the end along,
// [data-minutes] buttons set the length, and <output> says how long it is.
const MINUTE = 60000;
const LONGEST_SHOWN = 60 * 24 * 60;

const read = (field) => (field.value ? new Date(`${field.value}Z`) : null);
const write = (field, date) => {
  field.value = date.toISOString().slice(0, 16);
};

export function lengthInWords(minutes, language) {
  const unit = (value, name) =>
    new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "long" }).format(value);
  const parts = [
    [Math.floor(minutes / 1440), "day"],
    [Math.floor((minutes % 1440) / 60), "hour"],
    [minutes % 60, "minute"],
  ];
  return parts.filter(([value]) => value > 0).map(([value, name]) => unit(value, name)).join(" ");
}

function period(box) {
  const [start, end] = box.querySelectorAll("input[type=datetime-local]");
  const output = box.querySelector("output");
  let kept = null;

  const minutes = () => {
    const [from, to] = [read(start), read(end)];
    return from && to ? Math.round((to - from) / MINUTE) : null;
  };
  const show = () => {
    const length = minutes();
    if (length > 0) kept = length;
    const shown = length > 0 && length <= LONGEST_SHOWN;
    if (output) output.value = shown ? lengthInWords(length, document.documentElement.lang) : "";
    for (const button of box.querySelectorAll("[data-minutes]")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.minutes) === length));
    }
  };
  const setLength = (length) => {
    const from = read(start);
    if (from && length > 0) write(end, new Date(from.getTime() + length * MINUTE));
    show();
  };

  start.addEventListener("change", () => setLength(kept));
  end.addEventListener("change", show);
  for (const button of box.querySelectorAll("[data-minutes]")) {
    button.hidden = false;
    button.addEventListener("click", () => setLength(Number(button.dataset.minutes)));
  }
  show();
}

export function periods(root) {
  for (const box of root.querySelectorAll("[data-period]")) period(box);
}
