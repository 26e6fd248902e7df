// A form with data-once is sent once: a second click while the answer is under way does nothing.
export function once(root) {
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]")) return;
    if (form.getAttribute("aria-busy") === "true") event.preventDefault();
    else form.setAttribute("aria-busy", "true");
  });
  // Back from the answer, the browser may show the page as it was left.
  window.addEventListener("pageshow", () => {
    for (const form of root.querySelectorAll("[data-once][aria-busy]")) form.removeAttribute("aria-busy");
  });
}
