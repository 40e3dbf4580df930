// The board: whenever something moved the server says so, and the page's parts are fetched again; at most once a second,
// and every few seconds anyway, since not everything that moves is an event. What somebody writes, opened or stands on stays.
const main = document.getElementById("main");
const sign = document.getElementById("connection");
const news = document.getElementById("news");
const title = document.title;
const LEAST = 1000; // milliseconds between two refreshes
const EVERY = Number(main.dataset.every) * 1000;
const parts = (root) => [...root.querySelectorAll("[data-part]")];
const shape = (element) => element.innerHTML.replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, "");

let fetched = performance.now();
let planned = 0;
let busy = false;
let stream = null;
let again = false;

function plan(wait = 0) {
  if (document.hidden) return;
  clearTimeout(planned);
  planned = setTimeout(refresh, Math.max(wait, LEAST - (performance.now() - fetched)));
}

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  fetched = performance.now();
  try {
    const response = await fetch(main.dataset.parts + location.search, { headers: { Accept: "text/html" } });
    if (response.redirected) return location.reload(); // to sign in again
    if (!response.ok) throw new Error(String(response.status));
    show(new DOMParser().parseFromString(await response.text(), "text/html"));
    standing();
  } catch {
    say("away");
  } finally {
    busy = false;
    plan(again ? 0 : EVERY);
    again = false;
  }
}

function show(fresh) {
  const next = Object.fromEntries(parts(fresh).map((part) => [part.dataset.part, part]));
  for (const part of parts(main)) {
    const found = next[part.dataset.part];
    if (found && shape(part) !== shape(found) && !isWriting(part)) replace(part, found);
  }
  announce(next.alerts);
}

// Somebody writes or chooses here: this part waits for the next refresh.
function isWriting(part) {
  const active = document.activeElement;
  return part.contains(active) && active.matches("input[type=text], select");
}

function replace(part, found) {
  const open = [...part.querySelectorAll("details[id]")].map((one) => [one.id, one.open]);
  const written = [...part.querySelectorAll("input[type=text][id], select[id]")].map((one) => [one.id, one.value]);
  const had = part.contains(document.activeElement);
  const focused = had && (document.activeElement.id || selector(document.activeElement));
  part.replaceChildren(...found.childNodes);
  for (const [id, state] of open) if (document.getElementById(id)) document.getElementById(id).open = state;
  for (const [id, value] of written) if (document.getElementById(id)) document.getElementById(id).value = value;
  if (!had) return;
  const same = document.getElementById(focused) ?? (focused.startsWith("[") ? part.querySelector(focused) : null);
  const head = part.querySelector("[tabindex]") ?? document.querySelector("h1"); // what it stood on is gone
  (same ?? head).focus({ preventScroll: true });
}

// Links have no ids; the first of the part that leads to the same place is as good.
function selector(element) {
  if (element.matches("a[href]")) return `[href="${CSS.escape(element.getAttribute("href"))}"]`;
  const holder = element.closest("details[id]");
  return holder && element.matches("summary") ? `[id="${CSS.escape(holder.id)}"] > summary` : "";
}

function announce(alerts) {
  if (!alerts) return;
  const words = alerts.dataset.news;
  if (news.dataset.said !== undefined && news.dataset.said !== words) news.textContent = words;
  news.dataset.said = words;
  const count = Number(alerts.dataset.alerts);
  document.title = count ? `(${count}) ${title}` : title;
}

function say(state) {
  sign.hidden = false;
  sign.className = `connection is-${state}`;
  if (sign.textContent !== sign.dataset[state]) sign.textContent = sign.dataset[state];
}

const standing = () => say(stream?.readyState === EventSource.OPEN ? "live" : "polling");

function listen() {
  stream?.close();
  stream = new EventSource(main.dataset.stream);
  stream.addEventListener("changed", () => plan());
  stream.onopen = standing;
  stream.onerror = standing; // it comes back by itself, unless it was refused
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return clearTimeout(planned);
  if (stream.readyState === EventSource.CLOSED) listen();
  plan();
});
setInterval(() => { if (!document.hidden && stream.readyState === EventSource.CLOSED) listen(); }, EVERY);
addEventListener("pagehide", () => stream.close());
addEventListener("pageshow", (event) => { if (event.persisted) { listen(); plan(); } });

announce(parts(main).find((part) => part.dataset.part === "alerts"));
listen();
plan(EVERY);
