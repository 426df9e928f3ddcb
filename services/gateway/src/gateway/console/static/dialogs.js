// Dialogs: what htmx brings into #dialog-place is shown over the page. Escape and `data-close`
// close it, and focus returns to where it was opened from.
(() => {
  "use strict";
  let opener = null;

  const place = () => document.getElementById("dialog-place");

  function openerOf(element) {
    const menu = element.closest("[popover]");
    return menu ? document.querySelector(`[popovertarget="${menu.id}"]`) : element;
  }

  document.addEventListener("click", (event) => {
    const asks = event.target.closest('[hx-target="#dialog-place"]');
    if (asks && !asks.closest("dialog")) {
      opener = openerOf(asks);
      asks.closest("[popover]")?.hidePopover();
    }
    if (event.target.closest("dialog [data-close]")) {
      event.preventDefault();
      event.target.closest("dialog").close();
    }
  });

  document.addEventListener("htmx:after:swap", () => {
    const dialog = place()?.querySelector("dialog:not([open])");
    if (!dialog) return;
    dialog.addEventListener("close", () => {
      if (!dialog.isConnected) return;
      place().replaceChildren();
      opener?.focus();
    });
    dialog.showModal();
    (dialog.querySelector("[autofocus], [role=alert][tabindex]") || dialog.querySelector("h2"))?.focus();
  });

  document.addEventListener("DOMContentLoaded", () => document.querySelector("#progress h2")?.focus());
})();
