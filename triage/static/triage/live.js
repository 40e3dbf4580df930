// Keeps a page of a case up to date: an event says that there is more, the server's own page says what.
import { follow } from "./stream.js";
import { apply, main, shownSeq } from "./regions.js";
import { write } from "./writing.js";

const PATIENCE = 2000; // milliseconds without a connection before the page speaks of it
const sign = document.getElementById("connection");
let wanted = shownSeq();
let busy = false;
let leaving = false; // for the result
let awaySince = null;

function show(state) {
  clearTimeout(awaySince);
  awaySince = null;
  sign.hidden = !state;
  sign.className = `connection is-${state}`;
  const words = { live: sign.dataset.liveWords, away: sign.dataset.awayWords, polling: sign.dataset.pollingWords };
  sign.textContent = words[state] ?? "";
}

async function fetchPage() {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (response.redirected && new URL(response.url).pathname !== location.pathname) {
    leaving = true;
    location.replace(response.url);
    return;
  }
  if (!response.ok || !apply(await response.text())) throw new Error("no page");
}

async function catchUp() {
  if (busy || "sending" in main.dataset) return; // the answer to what is being sent brings the page along
  busy = true;
  try {
    while (shownSeq() < wanted && !leaving) await fetchPage();
  } catch {
    setTimeout(catchUp, 1000 + 2000 * Math.random());
  } finally {
    busy = false;
  }
}

main.addEventListener("sent", catchUp);

if (!("over" in main.dataset)) {
  follow(main.dataset.stream, shownSeq(), {
    seen: (event) => { wanted = Math.max(wanted, event.seq); catchUp(); },
    state: (now) => {
      if (now === "reconnecting") awaySince ??= setTimeout(() => show("away"), PATIENCE);
      else if (now === "live" || now === "polling") show(now);
    },
    written: write,
    reset: () => location.reload(),
    ended: () => show(null),
    refused: () => fetchPage().catch(() => show(null)),
  });
}

if (matchMedia("(max-width: 59.9rem)").matches) for (const panel of document.querySelectorAll("[data-panel]")) panel.open = false;

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
