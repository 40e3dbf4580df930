// Pages of lists and counts: while something in them moves, they are fetched again and what changed is shown.
const main = document.getElementById("main");
const regions = () => [...document.querySelectorAll("[data-refresh]")];
const shape = (element) => element.innerHTML.replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, "");
const pause = Number(main.dataset.every) * 1000;

async function refresh() {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (response.redirected) return location.reload(); // to sign in again
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const next = Object.fromEntries([...fresh.querySelectorAll("[data-refresh]")].map((one) => [one.dataset.refresh, one]));
  let over = false;
  for (const region of regions()) {
    const found = next[region.dataset.refresh];
    if (!found) continue;
    over ||= "busy" in region.dataset && !("busy" in found.dataset);
    region.toggleAttribute("data-busy", "busy" in found.dataset);
    if (shape(region) === shape(found)) continue;
    const focused = region.contains(document.activeElement) && document.activeElement.id;
    region.replaceChildren(...found.childNodes);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }
  if (over) main.dispatchEvent(new CustomEvent("over"));
}

async function keepFresh() {
  if (!document.hidden && regions().some((region) => "busy" in region.dataset)) await refresh().catch(() => {});
  setTimeout(keepFresh, pause * (0.8 + 0.4 * Math.random()));
}

// What stands outside of the regions (what may be cancelled) is another when all is done; words being typed would be lost.
main.addEventListener("over", () => { if (!document.querySelector("form[enctype]")) location.reload(); });
setTimeout(keepFresh, pause);
