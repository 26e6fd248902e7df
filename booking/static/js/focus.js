// After a refused form the summary of errors has the focus, so that it is read and seen first.
export function focusFirst(root) {
  root.querySelector("[data-focus]")?.focus();
}
