// A form with data-hold keeps the chosen time for some minutes while it is filled in, and gives it
// back when the page is left. data-hold-now: the time was chosen already, else a change chooses it.
const CHOSEN = ["start", "end", "unit_id", "flexible", "quantity", "party", "for_whom", "person_id"];
const PAUSE = 600;

const valueOf = (field) => (field?.type === "checkbox" ? (field.checked ? "y" : "") : (field?.value ?? ""));

function keeper(form) {
  const field = form.elements.hold_id;
  const note = form.querySelector("[data-kept]");
  let asked = "";
  let busy = false;
  let sent = false;
  let timer = 0;
  let ending = 0;

  const chosen = () => CHOSEN.map((name) => [name, valueOf(form.elements[name])]);
  const body = (values) => {
    const data = new FormData();
    data.set("csrf_token", form.elements.csrf_token.value);
    for (const [name, value] of values) if (value) data.set(name, value);
    return data;
  };
  const say = (text, kept) => {
    note.textContent = text;
    note.hidden = !text;
    note.classList.toggle("warn-text", !kept);
  };
  const kept = (answer) => {
    field.value = answer.id ?? "";
    say(answer.text ?? "", Boolean(answer.id));
    clearTimeout(ending);
    const end = () => kept({ text: answer.ended });
    if (answer.id) ending = setTimeout(end, answer.seconds * 1000);
  };

  async function keep() {
    if (busy || sent) return;
    busy = true;
    while (!sent && asked !== String(chosen())) {
      asked = String(chosen());
      try {
        const answer = await fetch(form.dataset.hold, { method: "POST", body: body(chosen()) });
        if (answer.headers.get("Content-Type")?.startsWith("application/json")) kept(await answer.json());
      } catch {
        break; // without a connection the form works as it does without this
      }
    }
    busy = false;
  }
  const giveBack = () => {
    if (field.value) navigator.sendBeacon(form.dataset.release, body([["hold_id", field.value]]));
    field.value = "";
    asked = "";
  };

  form.addEventListener("change", (event) => {
    if (!CHOSEN.includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (event.submitter?.hasAttribute("formaction")) giveBack();
    sent = true;
  });
  window.addEventListener("pagehide", () => {
    if (!sent) giveBack();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) sent = false;
    if (event.persisted) keep();
  });
  if ("holdNow" in form.dataset) keep();
}

export function holds(root) {
  for (const form of root.querySelectorAll("form[data-hold]")) keeper(form);
}
