// One tab leads, that is, has the connection; the other tabs that follow the same case hear from it.
//
// The lock says who leads. It goes to a waiting tab when the leader is closed. A leader that the browser put to sleep
// keeps the lock, so a tab that is seen and gets no answer takes the lock away. Two leaders at a time do no harm,
// since every tab has its own cursor. Without locks or channels (an old browser, plain HTTP) each tab leads itself.
import { bounded, pause } from "./time.js";

const ANSWER = 2000; // milliseconds that a leader has to answer
const ASK = 15_000;

// `lead(signal)`: has the connection until `signal`. `heard(message)`: from the leader. `standing()`: how this tab is.
export function share(name, { lead, heard, standing }) {
  const closed = new AbortController();
  let leading = null; // a controller while this tab leads
  let waiting = null; // a controller while this tab waits for the lock

  if (!navigator.locks || !window.BroadcastChannel) {
    lead(closed.signal);
    return { tell() {}, check() {}, close: () => closed.abort() };
  }

  const channel = new BroadcastChannel(name);
  let answered = 0;

  channel.onmessage = ({ data }) => {
    if (data.asks) {
      if (leading) channel.postMessage(standing());
    } else if (!leading) {
      answered = performance.now();
      heard(data);
    }
  };

  async function wait() {
    const own = waiting = bounded(closed.signal);
    try {
      await navigator.locks.request(name, { signal: own.signal }, granted);
    } catch { /* not waiting any longer, or the lock was taken away */ }
    own.abort();
    lost();
  }

  async function take() {
    waiting?.abort();
    try {
      await navigator.locks.request(name, { steal: true }, granted);
    } catch { /* taken away in turn */ }
    lost();
  }

  function granted() {
    waiting = null;
    leading = bounded(closed.signal);
    return closed.signal.aborted ? null : lead(leading.signal);
  }

  function lost() {
    if (!leading) return; // it only stopped waiting
    leading.abort();
    leading = null;
    if (!closed.signal.aborted) wait();
  }

  async function check() {
    if (leading || document.hidden || closed.signal.aborted) return;
    const asked = performance.now();
    channel.postMessage({ asks: true });
    await pause(ANSWER, closed.signal);
    if (!leading && !document.hidden && !closed.signal.aborted && answered < asked) take();
  }

  const clock = setInterval(check, ASK);
  wait();
  check();
  return {
    tell(message) { if (leading) channel.postMessage(message); },
    check,
    close() {
      closed.abort();
      clearInterval(clock);
      channel.close();
    },
  };
}
