// Sends the form of the conversation without leaving the page. Words are never lost: they stay in the box until
// the server has them, and in this tab's storage while they are typed.
import { apply, main } from "./regions.js";
import { forget, keepDrafts } from "./drafts.js";

const form = () => document.getElementById("composer");

function setBusy(busy) {
  const composer = form();
  main.toggleAttribute("data-sending", busy);
  composer?.toggleAttribute("aria-busy", busy);
  for (const button of composer?.querySelectorAll("button") ?? []) button.disabled = busy;
  const label = composer?.querySelector(".send span");
  if (label) {
    label.dataset.words ??= label.textContent;
    label.textContent = busy ? composer.dataset.sending : label.dataset.words;
  }
}

function complain() {
  const problem = form()?.querySelector("[data-problem]");
  if (!problem) return;
  problem.hidden = false;
  problem.querySelector("p").textContent = form().dataset.unsent;
}

function showPending(words) {
  const item = document.createElement("li");
  item.className = "bubble mine pending";
  const box = item.appendChild(document.createElement("div"));
  box.className = "words";
  box.textContent = words;
  document.querySelector(".messages").append(item);
}

async function send(composer, submitter) {
  const body = new URLSearchParams(new FormData(composer));
  if (submitter?.name) body.append(submitter.name, submitter.value);
  setBusy(true);
  showPending(body.get("choice") || body.get("day") || body.get("text"));
  try {
    const response = await fetch(composer.action, { method: "POST", body });
    if (response.ok) forget(composer);
    const elsewhere = response.redirected && new URL(response.url).pathname !== location.pathname;
    if (elsewhere) return location.assign(response.url);
    if (response.ok && location.search) history.replaceState(null, "", location.pathname); // a correction is done
    if (!apply(await response.text(), { sent: true })) throw new Error("no page");
    moveOn(!submitter?.name);
  } catch {
    complain();
  } finally {
    for (const pending of document.querySelectorAll(".pending")) pending.remove();
    setBusy(false);
    main.dispatchEvent(new CustomEvent("sent"));
  }
}

// Who types goes on typing; who taps must not get a keyboard over the next choices.
function moveOn(typed) {
  const box = form()?.querySelector("#text");
  const next = typed && box && !form().querySelector(".options, .day") ? box : document.getElementById("now");
  next.focus({ preventScroll: true });
}

document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  if (!event.target.hasAttribute("aria-busy")) send(event.target, event.submitter);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target.id !== "text") return;
  event.preventDefault();
  form()?.requestSubmit(form().querySelector(".send"));
});

function prepare() {
  for (const keys of document.querySelectorAll("[data-keys]")) keys.hidden = false;
  keepDrafts();
}

forget({ dataset: { draft: "start" } }); // those words opened this case
main.addEventListener("shown", prepare);
prepare();
