// The way out. A classic script in <head>, since it must act before anything of the page is seen.
// Leaving replaces this page in the history; the pages before it stay there, so who goes back to one of
// them in this tab is sent out again.
(() => {
  "use strict";
  const TWICE = 1500; // milliseconds in which Esc counts as pressed twice
  const neutral = document.currentScript.dataset.url;

  function hasLeft() {
    try { return sessionStorage.getItem("left") !== null; } catch { return false; }
  }

  function leave() {
    document.documentElement.hidden = true;
    try {
      sessionStorage.clear();
      sessionStorage.setItem("left", "1");
    } catch { /* without storage only the history is replaced */ }
    location.replace(neutral);
  }

  const arrival = performance.getEntriesByType("navigation")[0];
  if (hasLeft()) {
    if (arrival && arrival.type === "back_forward") leave();
    else sessionStorage.removeItem("left");
  }
  addEventListener("pageshow", (event) => { if (event.persisted && hasLeft()) leave(); });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-leave]")) return;
    event.preventDefault();
    leave();
  });

  let last = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.repeat) return;
    if (event.timeStamp - last < TWICE) leave();
    last = event.timeStamp;
  });
})();
