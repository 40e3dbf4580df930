// Follows a case: every event after a cursor, once and in order, through every interruption.
//
// - Over Server-Sent Events, else a WebSocket, else by asking for the log (`stream/connection.js`). Whatever way an
//   event comes, it is told once and behind the one before it; what is missing is read from the log (`stream/order.js`).
// - Tabs of one browser that follow the same case share one connection (`stream/tabs.js`).
// - A page that is shown again, comes back from the cache for "back" or goes online tries at once.
//
// follow(url, after, on): `url` of the stream, `after` the last seq that the page shows, `on` any of
//   seen(event)     the next event
//   written(text)   more words of a reply that is being written; its event comes when it is said
//   state(name)     "reconnecting" (also at first), "live", "polling"; at last "over" or "refused"
//   live(), away()  the same in two words: events arrive, events may be late
//   reset(frame)    the log does not go on from where this page is: forget what was seen, events come anew after frame.seq
//   refused(status) 401 or 404: whoever looks may not, or no longer; ended() comes next
//   ended()         nothing more will come
import { connection } from "./stream/connection.js";
import { inOrder } from "./stream/order.js";
import { share } from "./stream/tabs.js";

export function follow(url, after, on) {
  const urls = addresses(url);
  const log = inOrder(urls.events, after, {
    event: (event) => { tabs?.tell({ event }); on.seen?.(event); },
    reset: (frame) => { tabs?.tell({ reset: frame }); on.reset?.(frame); },
  });
  const link = connection(urls, log, report, written);
  let state = null;
  let tabs = null; // while the page is in use
  let done = false;

  function report(next) {
    if (next === state || done) return;
    state = next;
    on.state?.(state);
    if (state === "reconnecting") on.away?.();
    else on.live?.();
    tabs?.tell(standing());
  }

  function written(text) {
    tabs?.tell({ text });
    on.written?.(text);
  }

  const standing = () => ({ state, seq: log.cursor });

  async function lead(signal) {
    const end = await link.run(signal);
    if (end) finish(end);
  }

  // What the tab with the connection says.
  function heard({ event, text, reset, state: now, seq, end }) {
    if (event) log.take(event);
    if (text) on.written?.(text);
    if (reset) log.reset(reset);
    if (now) report(now);
    if (seq) log.want(seq);
    if (end) finish(end);
  }

  async function finish(end) {
    if (done) return;
    done = true;
    tabs?.tell({ end });
    rest();
    if (end.over) await log.want(end.seq ?? 0);
    log.close();
    for (const [where, what, act] of places) where.removeEventListener(what, act);
    on.state?.(end.refused ? "refused" : "over");
    if (end.refused) await on.refused?.(end.refused);
    on.ended?.();
  }

  function begin() {
    if (!tabs && !done) tabs = share(`triage:${urls.stream.pathname}`, { lead, heard, standing });
  }

  function rest() {
    tabs?.close();
    tabs = null;
  }

  function look(again) {
    if (document.hidden && !again) return;
    tabs?.check();
    link.wake(again);
  }

  const shown = () => look(false);
  const network = () => look(true); // another network, or none: what is open may be dead without knowing
  const places = [
    [window, "pagehide", rest], [window, "pageshow", begin], [document, "visibilitychange", shown],
    [window, "online", network], [window, "offline", network],
  ];

  for (const [where, what, act] of places) where.addEventListener(what, act);
  begin();
}

function addresses(url) {
  const stream = new URL(url, location.href);
  const events = new URL(stream);
  events.pathname = stream.pathname.replace("/stream/", "/events/");
  const socket = new URL(stream);
  socket.protocol = stream.protocol.replace("http", "ws");
  socket.pathname = `${stream.pathname.replace("/api/v2/triage/stream/", "/ws/triage/")}/`;
  return { stream, events, socket };
}
