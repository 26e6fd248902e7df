// A form with data-autosubmit is sent when a choice changes; typed fields wait for Enter, and so
// does a sheet opened on a phone, where several choices come before one "apply".
const CHOICES = "select, input[type=checkbox], input[type=radio]";
const KEPT = "autosubmit-focus";

export function autosubmit(root) {
  for (const form of root.querySelectorAll("form[data-autosubmit]")) {
    form.addEventListener("change", (event) => {
      if (!event.target.matches(CHOICES) || form.closest("[popover]")?.matches(":popover-open")) return;
      sessionStorage.setItem(KEPT, event.target.id);
      form.requestSubmit();
    });
    // Empty fields only make the address long.
    form.addEventListener("formdata", (event) => {
      for (const name of new Set(event.formData.keys())) {
        const filled = event.formData.getAll(name).filter((value) => value !== "");
        event.formData.delete(name);
        for (const value of filled) event.formData.append(name, value);
      }
    });
  }
  // The answer is a new page: who works by keyboard goes on where they were.
  const kept = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  if (kept) root.getElementById(kept)?.focus({ preventScroll: true });
}
