// The page again, as the server shows it now: its live regions replace those on the screen.
export const main = document.getElementById("main");
export const shownSeq = () => Number(main.dataset.lastSeq);

// Tokens differ in every answer of the server; they alone are no change.
const shape = (element) => element.innerHTML.replace(/name="(csrfmiddlewaretoken|key)" value="[^"]*"/g, "");

// `sent`: these are the words just sent coming back, so that the box is emptied. Returns whether it was such a page.
export function apply(html, { sent = false } = {}) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("main");
  if (!fresh?.dataset.lastSeq || fresh.dataset.case !== main.dataset.case) return false;
  if (Number(fresh.dataset.lastSeq) < shownSeq()) return true; // overtaken on its way
  for (const pending of document.querySelectorAll(".pending")) pending.remove();
  let newest = null;
  for (const region of main.querySelectorAll("[data-live]")) {
    const next = fresh.querySelector(`[data-live="${region.dataset.live}"]`);
    if (!next) continue;
    if ("append" in region.dataset) newest = grow(region, next);
    else if (holdsWords(region) && !next.querySelector("form, [data-kept]") && !sent) continue;
    else if (shape(region) !== shape(next) || (sent && region.dataset.live === "composer")) replace(region, next, sent);
  }
  main.dataset.lastSeq = fresh.dataset.lastSeq;
  main.toggleAttribute("data-over", "over" in fresh.dataset);
  main.dispatchEvent(new CustomEvent("shown"));
  newest?.scrollIntoView({ block: "start" });
  return true;
}

// Words that were not taken, in a box that is closed now or given back beside the explanation.
const holdsWords = (region) => region.querySelector("#text")?.value || region.querySelector("[data-kept]");

// Only what is new is added, so that a screen reader says it once.
function grow(region, next) {
  let newest = null;
  for (const item of [...next.children]) {
    const known = document.getElementById(item.id);
    if (!known) region.append(newest = item);
    else if (known.innerHTML !== item.innerHTML) known.innerHTML = item.innerHTML;
  }
  return newest;
}

function replace(region, next, sent) {
  const typed = region.querySelector("#text")?.value ?? region.querySelector("[data-kept]")?.textContent;
  const open = region.querySelector("details")?.open;
  const focused = region.contains(document.activeElement) && document.activeElement.id;
  region.replaceChildren(...next.childNodes);
  const box = region.querySelector("#text");
  if (box && typed && !sent && !box.value) box.value = typed;
  if (open !== undefined && region.querySelector("details")) region.querySelector("details").open = open;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}
