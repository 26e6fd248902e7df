// A form with data-at-once needs nobody: it is sent as soon as its page is there.
export function atOnce(root) {
  root.querySelector("form[data-at-once]")?.requestSubmit();
}
