// Follows a case over Server-Sent Events, from a cursor, through every interruption.
const TYPES = [
  "triage_started", "message_added", "complexity_update", "assessment_updated", "triage_update", "triage_queued",
  "triage_completed", "triage_failed", "triage_cancelled", "triage_expired", "triage_reopened", "priority_changed",
  "case_overridden",
];
const PAUSE = 1000; // milliseconds at least before a refused stream is asked for again

// `on`: seen(event), live(), away(), reset(), ended(), refused() → whether to try again.
export function follow(url, after, on) {
  let cursor = after;
  let source;

  function open() {
    source = new EventSource(`${url}?after=${cursor}`);
    source.onopen = on.live;
    source.onerror = interrupted;
    for (const type of TYPES) source.addEventListener(type, (frame) => take(JSON.parse(frame.data)));
    source.addEventListener("stream_reset", on.reset);
    source.addEventListener("stream_end", () => { source.close(); on.ended(); });
  }

  function take(event) {
    if (event.seq <= cursor) return;
    cursor = event.seq;
    on.seen(event);
  }

  // A dropped connection comes back by itself; a refused one (204, 404, 503) is closed for good.
  async function interrupted() {
    on.away();
    if (source.readyState !== EventSource.CLOSED) return;
    if (await on.refused()) setTimeout(open, PAUSE * (1 + 4 * Math.random()));
    else on.ended();
  }

  open();
  addEventListener("pagehide", () => source.close());
}
