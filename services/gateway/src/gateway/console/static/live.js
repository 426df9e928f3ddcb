// Live changes: what stands on the page about an item is fetched again when the item changes.
//
// `data-live` names items (or `*`: any change) on an element with `hx-trigger="live"`; htmx then
// fetches it. A row of a list has `data-item`; all rows that changed are fetched in one request
// from the table body's `data-rows`, and only their cells are replaced, so nothing moves.
(() => {
  "use strict";
  const REST_MS = 400;
  const changed = new Set();
  let timer = null;
  let source = null;

  const listens = () => document.querySelector("[data-live], [data-rows]");

  function note(event) {
    changed.add(JSON.parse(event.data).data?.item_id ?? "");
    timer ??= setTimeout(refresh, REST_MS);
  }

  async function refresh() {
    const items = new Set(changed);
    changed.clear();
    for (const element of document.querySelectorAll("[data-live]")) {
      const about = element.dataset.live.split(" ");
      if (about.includes("*") || about.some((one) => items.has(one))) {
        htmx.trigger(element, "live");
      }
    }
    try {
      await Promise.all([...document.querySelectorAll("[data-rows]")].map((body) => rows(body, items)));
    } finally {
      timer = changed.size ? setTimeout(refresh, REST_MS) : null;
    }
  }

  async function rows(body, items) {
    const shown = [...body.querySelectorAll("tr[data-item]")].filter((row) => items.has(row.dataset.item));
    if (!shown.length) return;
    const query = new URLSearchParams();
    for (const row of shown) query.append("row", row.dataset.row || row.dataset.item);
    const url = body.dataset.rows + (body.dataset.rows.includes("?") ? "&" : "?") + query;
    const answer = await fetch(url, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    for (const fresh of template.content.querySelectorAll("tr[data-item]")) {
      const old = document.getElementById(fresh.id);
      if (old) replaceCells(old, fresh);
    }
    body.dispatchEvent(new CustomEvent("rows-changed", { bubbles: true }));
  }

  function replaceCells(old, fresh) {
    old.className = fresh.className;
    [...fresh.cells].forEach((cell, n) => {
      const mine = old.cells[n];
      const keeps = mine.dataset.keep !== undefined && cell.dataset.keep !== undefined;
      if (keeps || mine.innerHTML === cell.innerHTML) return;
      const focused = mine.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      mine.replaceChildren(...cell.childNodes);
      window.brocanteTimes(mine);
      if (focused) [...mine.querySelectorAll("a")].find((a) => a.getAttribute("href") === focused)?.focus();
    });
  }

  function open() {
    if (source || !listens()) return;
    source = new EventSource("/api/v1/events");
    for (const type of ["item.changed", "sale.recorded", "sale.canceled", "sale.merged", "sale.split_off"]) {
      source.addEventListener(type, note);
    }
    source.addEventListener("open", missed);
  }

  // What happened since the page was made, or while nobody looked: all that is shown is fetched once.
  function missed() {
    for (const row of document.querySelectorAll("tr[data-item]")) changed.add(row.dataset.item);
    for (const element of document.querySelectorAll("[data-live]")) {
      for (const one of element.dataset.live.split(" ")) changed.add(one);
    }
    timer ??= setTimeout(refresh, 0);
  }

  function close() {
    source?.close();
    source = null;
  }

  // Browsers allow few connections to one host: a page nobody looks at gives its own back.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  document.addEventListener("DOMContentLoaded", () => document.hidden || open());
  document.addEventListener("htmx:after:swap", open);
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => event.persisted && open());
})();
