export const make = (tag, className, role) => {
  const element = document.createElement(tag);
  element.className = className;
  if (role) element.setAttribute("role", role);
  return element;
};

export function button(text, act) {
  const made = Object.assign(make("button", "btn btn-secondary btn-sm"), { type: "button", textContent: text });
  made.addEventListener("click", act);
  return made;
}

// Returns whether it was done, and what is told; without a connection that nothing has changed.
export async function send(lanes, address, values) {
  const data = new FormData();
  for (const [name, value] of Object.entries(values)) data.set(name, value);
  try {
    const answer = await fetch(address, { method: "POST", body: data, headers: { "X-CSRFToken": lanes.token } });
    const json = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (json) return [answer.ok, await answer.json()];
  } catch {
    // told below
  }
  return [false, { text: lanes.spec.words.lost }];
}
