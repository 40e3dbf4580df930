// The events of a case in their order: each seq once, none left out. What is missing is read from the log.
import { bounded, jitter, pause } from "./time.js";

const PATIENCE = 15_000; // milliseconds for an answer
const LAST = ["triage_completed", "triage_cancelled", "triage_expired"];

// What an HTTP answer other than the one hoped for means. A 401 or 404 is believed only from the service itself,
// not from a proxy whose server is away.
export function meaning(response) {
  const own = response.headers.get("Content-Type")?.startsWith("application/problem+json");
  if (own && [401, 404].includes(response.status)) return { refused: response.status };
  return { heard: true, wait: 1000 * (Number(response.headers.get("Retry-After")) || 0) };
}

// `on`: event(event) for each in turn, reset(frame).
export function inOrder(url, after, on) {
  let wanted = after; // the highest seq known to exist
  let filling = null; // a promise while a hole is filled
  const closed = new AbortController();

  const log = {
    cursor: after,
    over: false, // as far as the events told here say

    take(event) {
      if (event.seq === log.cursor + 1) next(event);
      else log.want(event.seq);
    },

    // Ends when everything up to `seq` was told, or cannot be.
    async want(seq) {
      wanted = Math.max(wanted, seq);
      if (log.cursor < wanted) await (filling ??= fill().finally(() => { filling = null; }));
    },

    reset(frame) {
      log.cursor = wanted = frame.seq ?? 0;
      log.over = false;
      on.reset(frame);
    },

    // Reads the log to its end: {answered: whether there was anything}, or what stood in the way.
    async catchUp(signal) {
      for (let found = false; ; found = true) {
        const before = log.cursor;
        const failure = await read(signal);
        if (failure) return failure;
        if (log.cursor <= before) return { answered: true, found };
      }
    },

    close: () => closed.abort(),
  };

  function next(event) {
    if (closed.signal.aborted || event.seq !== log.cursor + 1) return;
    log.cursor = event.seq;
    log.over = LAST.includes(event.type) || (log.over && event.type !== "triage_reopened");
    try {
      on.event(event);
    } catch (error) {
      setTimeout(() => { throw error; }); // the page's own mistake, which must not look like a lost connection
    }
  }

  async function fill() {
    for (let failures = 0; log.cursor < wanted && !closed.signal.aborted;) {
      const before = log.cursor;
      const failure = await read(closed.signal);
      if (failure?.refused) return;
      if (log.cursor <= before) await pause(Math.max(failure?.wait ?? 0, jitter(++failures)), closed.signal);
    }
  }

  // One page. Returns nothing when it was read, else what stood in the way.
  async function read(signal) {
    const asked = log.cursor;
    const address = new URL(url);
    address.searchParams.set("after", asked);
    const clock = bounded(signal);
    clock.within(PATIENCE);
    try {
      const response = await fetch(address, { cache: "no-store", signal: clock.signal });
      if (!response.ok) return meaning(response);
      const page = await response.json();
      if (page.last_seq < asked && asked === log.cursor) log.reset({ type: "stream_reset", reason: "unknown_cursor", seq: 0 });
      else page.events.forEach(next);
      return null;
    } catch {
      return { lost: true };
    } finally {
      clock.abort();
    }
  }

  return log;
}
