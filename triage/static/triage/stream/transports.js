// Three ways for events to get here. Each goes on until it ends, and then says how:
//   {over, seq}    the case is over and `seq` its last event
//   {refused}      401 or 404
//   {heard, wait}  lost; whether anything had come this way, and how long the server asks to stay away
//   {tired}        only for asking: it is time to try the others again
// They hand over frames as they come; order is not their business. `to`: opened(), beat(), frame(frame), log.
import { meaning } from "./order.js";
import { bounded, pause } from "./time.js";

const FIRST_SIGN = 8000; // milliseconds; a proxy that holds a stream back lets nothing through for long
const SILENCE = 45_000; // a stream has a heartbeat at least every 18 s
const DOUBT = 25_000; // a quiet socket is compared with the log, since a browser shows no ping
const ASKING = [2000, 4000];
const ASKING_ENDS = 300_000;
const REFUSED = { 4401: 401, 4404: 404 };

// Read with `fetch`: an EventSource would show neither status nor heartbeat, and gives up for good after an HTTP error.
export async function events(urls, to, signal) {
  const clock = bounded(signal);
  const lost = { heard: false, wait: 0 };
  const address = new URL(urls.stream);
  address.searchParams.set("after", to.log.cursor);
  clock.within(FIRST_SIGN);
  try {
    const headers = { Accept: "text/event-stream" };
    const response = await fetch(address, { headers, cache: "no-store", signal: clock.signal });
    if (response.status === 204) return { over: true, seq: to.log.cursor };
    if (!response.ok) return meaning(response);
    if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) return lost;
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    for (let rest = ""; ;) {
      const { done, value } = await reader.read();
      if (done) return lost;
      clock.within(SILENCE);
      if (!lost.heard) to.opened();
      lost.heard = true;
      to.beat();
      const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = blocks.pop();
      for (const { retry, frame } of blocks.map(parse)) {
        lost.wait = retry ?? lost.wait;
        if (frame?.type === "stream_end") return { over: true, seq: frame.seq };
        if (frame) to.frame(frame);
      }
    }
  } catch {
    return lost;
  } finally {
    clock.abort();
  }
}

function parse(block) {
  const read = {};
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("data:")) data.push(line.slice(5));
    if (line.startsWith("retry:")) read.retry = Number(line.slice(6));
  }
  if (data.length) read.frame = JSON.parse(data.join("\n"));
  return read;
}

export function socket(urls, to, signal) {
  return new Promise((resolve) => {
    const clock = bounded(signal);
    const connected = new WebSocket(urls.socket);
    let heard = false;
    let doubt;

    function end(how) {
      clearTimeout(doubt);
      connected.onopen = connected.onmessage = connected.onclose = null;
      connected.close();
      clock.abort();
      resolve(how);
    }

    function beat() {
      to.beat();
      clearTimeout(doubt);
      doubt = setTimeout(compare, DOUBT);
    }

    async function compare() {
      const found = await to.log.catchUp(clock.signal);
      if (clock.signal.aborted) return;
      if (found.answered && !found.found) beat();
      else end(found.refused ? found : { heard });
    }

    clock.within(FIRST_SIGN);
    clock.signal.addEventListener("abort", () => end({ heard, wait: 0 }));
    connected.onopen = () => {
      clock.within(Infinity);
      heard = true;
      connected.send(JSON.stringify({ type: "follow", after: to.log.cursor }));
      to.opened();
      beat();
    };
    connected.onmessage = ({ data }) => {
      beat();
      const frame = JSON.parse(data);
      if (frame.type === "stream_end") end({ over: true, seq: frame.seq });
      else to.frame(frame);
    };
    connected.onclose = ({ code }) => end(code in REFUSED ? { refused: REFUSED[code] } : { heard, wait: 0 });
  });
}

export async function asking(_urls, to, signal) {
  const ends = performance.now() + ASKING_ENDS;
  while (performance.now() < ends) {
    const answer = await to.log.catchUp(signal);
    if (!answer.answered) return answer;
    to.polled();
    if (!answer.found && to.log.over) return { over: true, seq: to.log.cursor };
    await pause(ASKING[0] + (ASKING[1] - ASKING[0]) * Math.random(), signal);
    if (signal.aborted) return { heard: true, wait: 0 };
  }
  return { tired: true };
}
