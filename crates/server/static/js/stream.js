// The stream of what happens. One tab holds the connection and tells the others, because browsers
// allow few connections to one server; without locks (plain HTTP) every tab has its own.
const ADDRESS = "/api/v1/stream";
const NAMES = ["incident", "delivery", "issue", "bell", "beat", "resync"];
const SILENCE_MS = 45_000;
const STALE_MS = 20_000;

const tabs = "BroadcastChannel" in window ? new BroadcastChannel("epicenter") : null;
let onEvent = () => {};
let onState = () => {};
let onCatchUp = () => {};

let source = null;
let isLeader = false;
let retry = 0;
let isUp = false;
let hasBeenUp = false;
let hasBeats = false;
let lastSign = Date.now();
let shown = "";

const show = (state) => {
  if (shown === state) return;
  shown = state;
  onState(state, lastSign);
};

const judge = () => {
  const quiet = Date.now() - lastSign;
  if (isUp && hasBeats && quiet > SILENCE_MS) {
    isUp = false;
    if (isLeader) reopen();
  }
  if (isUp) show("live");
  else if (hasBeenUp || quiet > STALE_MS) show(quiet > STALE_MS ? "stale" : "reconnecting");
  else show("connecting");
};

const take = (message) => {
  if (message.kind === "event") {
    lastSign = Date.now();
    isUp = true;
    hasBeats ||= message.name === "beat";
    if (message.name === "resync") onCatchUp();
    else if (message.name !== "beat") onEvent(message.name, message.data);
  } else if (message.kind === "up") {
    lastSign = Date.now();
    isUp = true;
    // Also the first time: something may have happened since the page was made.
    onCatchUp();
    hasBeenUp = true;
  } else if (message.kind === "down") {
    isUp = false;
  } else if (message.kind === "hello" && isLeader && isUp) {
    tabs?.postMessage({ kind: "here" });
  } else if (message.kind === "here") {
    lastSign = Date.now();
    isUp = true;
    if (!hasBeenUp) onCatchUp();
    hasBeenUp = true;
  }
  judge();
};

const tell = (message) => {
  tabs?.postMessage(message);
  take(message);
};

const read = (text) => {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
};

const open = () => {
  source = new EventSource(ADDRESS);
  source.addEventListener("open", () => {
    retry = 0;
    tell({ kind: "up" });
  });
  source.addEventListener("error", () => {
    tell({ kind: "down" });
    // Closed: the browser will not try again by itself (a proxy's 502, a session that ended).
    if (source.readyState === EventSource.CLOSED) reopen();
  });
  // The server could not keep up with telling: everything may have changed.
  source.addEventListener("resync", () => tell({ kind: "up" }));
  for (const name of NAMES) {
    source.addEventListener(name, (event) => {
      tell({ kind: "event", name, data: read(event.data) });
    });
  }
};

const reopen = () => {
  source?.close();
  retry = Math.min(retry + 1, 6);
  setTimeout(open, 500 * 2 ** retry);
};

const lead = () => {
  isLeader = true;
  open();
  return new Promise(() => {});
};

/** Connects. `event(name, data)`, `state(word, since)`, and `catchUp()` after a gap. */
export const startStream = ({ event, state, catchUp }) => {
  onEvent = event;
  onState = state;
  onCatchUp = catchUp;
  if (tabs && navigator.locks) {
    tabs.addEventListener("message", (message) => take(message.data));
    tabs.postMessage({ kind: "hello" });
    navigator.locks.request("epicenter-stream", lead);
  } else {
    lead();
  }
  setInterval(judge, 2_000);
};
