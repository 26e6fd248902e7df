// A link with data-ask="ID" opens the dialog of that id instead of the page with the same question.
export function ask(root) {
  root.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-ask]");
    if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      const dialog = document.getElementById(opener.dataset.ask);
      if (dialog?.showModal) {
        event.preventDefault();
        dialog.showModal();
      }
    }
    // A click on the dialog itself, not on what is in it, is one on the backdrop.
    if (event.target.closest("[data-close]") || event.target.matches("dialog.ask")) {
      event.target.closest("dialog")?.close();
    }
  });
}
