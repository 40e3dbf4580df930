// One connection that lasts: the first way that lets events through, again and again from where the log is.
//
// A way that fails three times running, or lets nothing through at all, gives way to the next one, if the log can
// be asked meanwhile: else the server or the network is away, and no other way would do better.
import { asking, events, socket } from "./transports.js";
import { bounded, jitter, pause } from "./time.js";

const WAYS = [events, socket, asking];
const PROVEN = 10_000; // milliseconds after which a connection that ends is no failure
const QUIET = 20_000; // without a sign for longer than a heartbeat, a page that is seen again does not trust it
const STRIKES = 3;

// `report`: "live", "reconnecting" or "polling". `written`: is told the words of replies that are being written.
export function connection(urls, log, report, written) {
  let turn = null; // of a way, or of the pause behind it
  let pausing = false;
  let way, failures, strikes, sign;

  const beat = () => { sign = performance.now(); };
  const to = {
    log,
    beat,
    opened: () => report("live"),
    polled: () => { beat(); report("polling"); },
    frame(frame) {
      if (frame.type === "stream_reset") log.reset(frame);
      else if (Number.isInteger(frame.seq)) log.take(frame);
      else if (frame.type === "message_delta") written(frame.text);
    },
  };

  function afresh() {
    way = failures = strikes = 0;
    beat();
  }

  async function during(signal, act) {
    turn = bounded(signal);
    const result = await act(turn.signal);
    const broken = turn.signal.aborted;
    turn.abort();
    turn = null;
    return { ...result, broken };
  }

  // Until `signal`, which gives nothing, or until it is over or refused, which is told.
  async function run(signal) {
    afresh();
    report("reconnecting");
    while (!signal.aborted) {
      const began = performance.now();
      const end = await during(signal, (own) => WAYS[way](urls, to, own));
      if (signal.aborted) return null;
      if (end.over || end.refused) return end;
      if (end.tired) afresh();
      else if (!end.broken) { // else it was broken off to begin afresh
        const refused = await failed(end, performance.now() - began, signal);
        if (refused) return refused;
      }
    }
    return null;
  }

  async function failed(end, lasted, signal) {
    const proven = end.heard && lasted > PROVEN;
    failures = proven ? 0 : failures + 1;
    strikes = proven ? 0 : strikes + (end.heard ? 1 : STRIKES);
    if (strikes >= STRIKES && WAYS[way] !== asking) {
      const answer = await log.catchUp(signal);
      if (answer.refused) return answer;
      if (answer.answered) {
        way += 1;
        strikes = failures = 0;
        return null;
      }
    }
    report("reconnecting");
    pausing = true;
    await during(signal, (own) => pause(Math.max(end.wait ?? 0, jitter(failures)), own));
    pausing = false;
    return null;
  }

  // Tries again at once, if there is a doubt that the connection lives; `again`: in any case, and the best way first.
  function wake(again) {
    if (!turn || (!again && !pausing && performance.now() - sign < QUIET)) return;
    afresh();
    report("reconnecting");
    turn.abort();
  }

  return { run, wake };
}
