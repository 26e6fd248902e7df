// A form with data-autosubmit is sent when a choice changes; typed fields wait for Enter.
const CHOICES = "select, input[type=checkbox], input[type=radio]";

export function autosubmit(root) {
  for (const form of root.querySelectorAll("form[data-autosubmit]")) {
    form.addEventListener("change", (event) => {
      if (event.target.matches(CHOICES)) form.requestSubmit();
    });
    // Empty fields only make the address long.
    form.addEventListener("formdata", (event) => {
      for (const name of new Set(event.formData.keys())) {
        const kept = event.formData.getAll(name).filter((value) => value !== "");
        event.formData.delete(name);
        for (const value of kept) event.formData.append(name, value);
      }
    });
  }
}
