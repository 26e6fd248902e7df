// A link with data-share copies its address, with the times the form shows now, instead of opening
// it; where nothing can be copied it is an ordinary link.
const TYPED = ["unit_id", "start", "end", "quantity"];

export function shares(root) {
  for (const link of root.querySelectorAll("a[data-share]")) {
    link.addEventListener("click", async (event) => {
      if (!navigator.clipboard) return;
      event.preventDefault();
      const address = new URL(link.href);
      const form = root.querySelector("form.form");
      for (const name of TYPED) {
        const value = form?.elements[name]?.value;
        if (value) address.searchParams.set(name, value);
      }
      try {
        await navigator.clipboard.writeText(address.href);
        link.querySelector("[data-label]").textContent = link.dataset.share;
      } catch {
        location.assign(address);
      }
    });
  }
}
