// The inbox by keys: j and k walk, a approves, r rejects, x ticks, ? tells. Who does not want single
// keys turns them off in the dialog; all of it works with Tab and the buttons too.
const KEPT = "inbox-keys";
const PLACE = "inbox-row";

function start(form) {
  const rows = [...form.querySelectorAll("tbody > tr")];
  const box = (row) => row.querySelector(".tick [data-one]");
  const help = document.getElementById("keys");
  const wanted = help.querySelector("[data-keys-on]");
  wanted.checked = localStorage.getItem(KEPT) !== "off";
  wanted.addEventListener("change", () => localStorage.setItem(KEPT, wanted.checked ? "on" : "off"));
  document.querySelector("[data-keys-help]").hidden = false;

  const current = () => rows.indexOf(document.activeElement?.closest?.("tbody > tr"));
  const go = (index) => {
    const row = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    box(row).focus();
    row.scrollIntoView({ block: "nearest" });
  };
  const press = (index, name) => {
    if (index < 0 || form.getAttribute("aria-busy") === "true") return;
    sessionStorage.setItem(PLACE, index);
    rows[index].querySelector(`button[name="${name}"]`).click();
  };
  const deeds = {
    j: (index) => go(index + 1),
    k: (index) => go(index < 0 ? 0 : index - 1),
    a: (index) => press(index, "approve"),
    r: (index) => press(index, "reject"),
    x: (index) => index >= 0 && box(rows[index]).click(),
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat && event.key !== "j" && event.key !== "k") return;
    if (document.querySelector("dialog[open]") || event.target.matches("input:not([type=checkbox]), textarea, select")) return;
    if (!wanted.checked || !Object.hasOwn(deeds, event.key)) return;
    event.preventDefault();
    deeds[event.key](current());
  });
  back(go);
}

// After a decision by key: on to the next, and what came of the last one is read out.
function back(go) {
  const place = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  if (place === null) return;
  go(Number(place));
  const told = document.createElement("p");
  told.className = "visually-hidden";
  told.setAttribute("role", "status");
  document.querySelector("main").append(told);
  setTimeout(() => { told.textContent = document.querySelector(".flashes").textContent; }, 100);
}

const form = document.querySelector("form[data-inbox]");
if (form) start(form);
