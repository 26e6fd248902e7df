// What stands in [data-fresh="30"] is read again every 30 seconds while somebody can see it. The
// focus stays where it was; nothing is swapped while a question is open or a form on its way.
const SETTLED = "details[open], dialog[open], form[aria-busy=true]";

function place(part) {
  const active = document.activeElement;
  return part.contains(active) ? active.id || active.getAttribute("href") : null;
}

// What is told, without what differs in every answer.
function bare(part) {
  const copy = part.cloneNode(true);
  copy.removeAttribute("tabindex");
  for (const field of copy.querySelectorAll("[name=csrf_token]")) field.remove();
  return copy;
}

function put(part, fresh) {
  if (bare(part).isEqualNode(bare(fresh))) return;
  const kept = place(part);
  part.replaceChildren(...fresh.childNodes);
  if (kept === null) return;
  const again = [...part.querySelectorAll("a, button, summary")].find((one) => (one.id || one.getAttribute("href")) === kept);
  if (again) return again.focus({ preventScroll: true });
  part.tabIndex = -1;
  part.focus({ preventScroll: true });
}

async function renew(part) {
  if (document.hidden || part.querySelector(SETTLED)) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-fresh]");
    if (fresh && !part.querySelector(SETTLED)) put(part, fresh);
  } catch {
    // Offline: what stands there says as of when it was true.
  }
}

const part = document.querySelector("[data-fresh]");
if (part) {
  setInterval(renew, Number(part.dataset.fresh) * 1000, part);
  document.addEventListener("visibilitychange", () => renew(part));
}
