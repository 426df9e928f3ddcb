// Lists: "Select all", how many are ticked, and arrow keys in a menu.
(() => {
  "use strict";
  const boxes = (all) => [...all.closest("form, dialog, table").querySelectorAll(`input[type=checkbox][name="${all.dataset.all}"]:not(:disabled)`)];

  function settle(scope) {
    for (const all of scope.querySelectorAll("input[data-all]")) {
      const mine = boxes(all);
      const ticked = mine.filter((box) => box.checked).length;
      all.checked = mine.length > 0 && ticked === mine.length;
      all.indeterminate = ticked > 0 && ticked < mine.length;
      const says = all.closest("form, dialog")?.querySelector("[data-count]");
      if (says) says.textContent = ticked ? `${ticked} selected` : "";
    }
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("input[data-all]")) {
      for (const box of boxes(event.target)) box.checked = event.target.checked;
    }
    if (event.target.matches?.("input[type=checkbox]")) settle(document);
  });
  for (const moment of ["DOMContentLoaded", "htmx:after:swap", "rows-changed"]) {
    document.addEventListener(moment, () => settle(document));
  }
  window.addEventListener("pageshow", () => settle(document));

  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("[role=menu]") && event.newState === "open") items(event.target)[0]?.focus();
  }, true);
  const items = (menu) => [...menu.querySelectorAll("[role=menuitem]")];
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("[role=menu]");
    if (!menu) return;
    const all = items(menu);
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all[(to + all.length) % all.length].focus();
  });
  // A tip is put away with Escape, without moving away from what it belongs to.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.documentElement.classList.add("no-tips");
  });
  for (const moment of ["pointerover", "focusin"]) {
    document.addEventListener(moment, () => document.documentElement.classList.remove("no-tips"));
  }
})();
