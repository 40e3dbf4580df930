// Waiting that can be broken off. Milliseconds everywhere.

// Ends after `time` or when `signal` is aborted, whichever is first.
export function pause(time, signal) {
  return new Promise((resume) => {
    if (signal?.aborted) return resume();
    const timer = setTimeout(finish, time);
    function finish() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resume();
    }
    signal?.addEventListener("abort", finish);
  });
}

// Full jitter, 1 to 30 seconds: browsers that lost their server together do not come back together.
export function jitter(failures) {
  const most = Math.min(30_000, 1000 * 2 ** Math.max(1, failures));
  return 1000 + (most - 1000) * Math.random();
}

// A controller that is aborted with `signal`, and after the time last given to `within`. It must be aborted in the
// end, since until then it listens and its clock runs.
export function bounded(signal) {
  const own = new AbortController();
  const abort = () => own.abort();
  let timer;
  own.signal.addEventListener("abort", () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  });
  own.within = (time) => {
    clearTimeout(timer);
    if (!own.signal.aborted && time < Infinity) timer = setTimeout(abort, time);
  };
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort);
  return own;
}
