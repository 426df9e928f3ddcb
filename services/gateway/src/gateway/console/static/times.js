// Times in the reader's own zone and language; the server wrote them in UTC.
(() => {
  "use strict";
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

  window.brocanteTimes = (root) => {
    for (const time of root.querySelectorAll("time[data-local]")) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      time.title = time.title || time.textContent;
      time.textContent = format.format(at);
      delete time.dataset.local;
    }
    for (const zone of root.querySelectorAll("input[data-zone]")) {
      zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
    }
  };
  document.addEventListener("DOMContentLoaded", () => window.brocanteTimes(document));
  document.addEventListener("htmx:after:swap", () => window.brocanteTimes(document));
})();
