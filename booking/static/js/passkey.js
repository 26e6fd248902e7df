// A form with data-passkey asks the browser for a passkey before it is sent: the options come from
// that address, the answer goes along in the field `credential`. Hidden where there are none.
const able = () => Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);

async function options(form) {
  const body = new FormData();
  body.set("csrf_token", form.elements.csrf_token.value);
  body.set("purpose", form.dataset.purpose);
  const answer = await fetch(form.dataset.passkey, { method: "POST", body });
  const json = answer.headers.get("Content-Type")?.startsWith("application/json");
  const told = json ? await answer.json() : {};
  if (!answer.ok) throw new Error(told.error || form.dataset.refused);
  return told;
}

async function answered(form) {
  const told = await options(form);
  const Key = window.PublicKeyCredential;
  const credential =
    form.dataset.purpose === "passkey_add"
      ? await navigator.credentials.create({ publicKey: Key.parseCreationOptionsFromJSON(told) })
      : await navigator.credentials.get({ publicKey: Key.parseRequestOptionsFromJSON(told) });
  return JSON.stringify(credential.toJSON());
}

function why(fault, form) {
  if (fault.name === "InvalidStateError") return form.dataset.known;
  if (fault.name === "SecurityError") return form.dataset.nowhere;
  // What the browser calls refused, aborted or too late has no words for people.
  return fault instanceof DOMException ? form.dataset.refused : fault.message;
}

function watch(form) {
  const note = form.querySelector("[role=alert]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return; // sent by us
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    note.hidden = true;
    try {
      form.elements.credential.value = await answered(form);
      form.submit();
    } catch (fault) {
      note.textContent = why(fault, form);
      note.hidden = false;
      form.removeAttribute("aria-busy");
    }
  });
  window.addEventListener("pageshow", () => {
    form.elements.credential.value = "";
    form.removeAttribute("aria-busy");
  });
}

export function passkeys(root) {
  if (!able()) return;
  for (const form of root.querySelectorAll("form[data-passkey]")) watch(form);
}
