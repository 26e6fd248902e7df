// A form with data-select-all: its "all" box works, [data-selected] counts, and what acts on the
// selection ([data-bulk]) shows once there is one.
// The boxes may stand elsewhere and belong to the form by their form= attribute.
function follow(root, form) {
  const parts = [...form.elements];
  const all = parts.find((part) => part.matches("[data-all]"));
  const boxes = parts.filter((part) => part.matches("[data-one]"));
  const refresh = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    if (all) {
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
    for (const count of form.querySelectorAll("[data-selected]")) count.textContent = chosen;
    for (const bar of form.querySelectorAll("[data-bulk]")) bar.hidden = chosen === 0;
  };
  root.addEventListener("change", (event) => {
    if (event.target.form !== form) return;
    if (event.target === all) for (const box of boxes) box.checked = all.checked;
    refresh();
  });
  if (all) all.hidden = false;
  refresh();
}

export function selectAll(root) {
  for (const form of root.querySelectorAll("form[data-select-all]")) follow(root, form);
}
