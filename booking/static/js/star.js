// A form with data-star is sent without a new page; what the server refuses is sent again plainly,
// so that its page says why.
export function stars(root) {
  for (const form of root.querySelectorAll("form[data-star]")) {
    const button = form.querySelector("button");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.dataset.busy) return;
      form.dataset.busy = "yes";
      const body = new URLSearchParams(new FormData(form));
      body.set(button.name, button.value);
      try {
        const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
        if (answer.type !== "opaqueredirect") throw new Error(answer.status);
        const on = button.value === "1";
        button.setAttribute("aria-pressed", String(on));
        button.value = on ? "0" : "1";
      } catch {
        const field = document.createElement("input");
        Object.assign(field, { type: "hidden", name: button.name, value: button.value });
        form.append(field);
        form.submit();
      } finally {
        delete form.dataset.busy;
      }
    });
  }
}
