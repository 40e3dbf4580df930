// A case's page in the admin follows its case. An event is listed at once; shortly after, the server draws the
// page's parts anew, since only it has the words for everything.
import { follow } from "./stream.js";

const PAUSE = 400; // milliseconds in which several events cost one drawing
const live = document.getElementById("live-case");
const titles = JSON.parse(document.getElementById("event-titles").textContent);
let newest = Number(live.dataset.seq);
let state = "waiting";
let planned;

function note(now = state) {
  state = now;
  const line = document.getElementById("live-note");
  line.hidden = false;
  line.dataset.state = state;
  line.textContent = line.dataset[state];
}

function element(tag, text, ...children) {
  const made = document.createElement(tag);
  made.append(text, ...children);
  return made;
}

function list(event) {
  const summary = element("summary", element("b", event.seq), " ", element("time", new Date(event.at).toLocaleTimeString()),
    " ", element("strong", titles[event.type] ?? event.type), " ", event.message ?? event.text ?? "");
  const data = element("pre", JSON.stringify(event, null, 2));
  data.className = "json";
  const item = element("li", element("details", summary, data));
  item.dataset.seq = event.seq;
  item.className = `${event.type} new`;
  document.getElementById("timeline").append(item);
}

// Returns the server's own `live-case`, or nothing when it shows another page (signed out) or none.
async function draw() {
  const answer = await fetch(location.href);
  const drawn = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live-case");
  if (!answer.ok || !drawn) return null;
  if (Number(drawn.dataset.seq) < newest) plan(); // read before the newest event
  else replace(drawn);
  return drawn;
}

function replace(drawn) {
  const open = [...live.querySelectorAll("li:has(details[open])")].map((item) => item.dataset.seq);
  live.replaceChildren(...drawn.childNodes);
  for (const item of live.querySelectorAll("#timeline li")) {
    if (open.includes(item.dataset.seq)) item.firstElementChild.open = true;
  }
  note();
}

function plan() {
  clearTimeout(planned);
  planned = setTimeout(() => draw().catch(plan), PAUSE);
}

note();
follow(live.dataset.stream, newest, {
  seen: (event) => {
    newest = event.seq;
    list(event);
    plan();
  },
  live: () => note("live"),
  away: () => note("waiting"),
  reset: () => location.reload(),
  ended: () => note("over"),
  refused: async () => {
    try {
      const drawn = await draw();
      return drawn !== null && !("over" in drawn.dataset);
    } catch {
      return true; // the server is away
    }
  },
});
