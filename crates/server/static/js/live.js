// Keeps the parts of the page that say `data-live` fresh: an event marks them stale, the page's own
// address is fetched again with `X-Fragment`, and the parts are replaced by their id.
import { foldJson } from "./json.js";
import { beforeSwap } from "./list.js";
import { startStream } from "./stream.js";
import { writeTimes } from "./times.js";

const WAIT_MS = 300;
const REST_MS = 1_000;
const waiting = new Set();
const title = document.title;
let timer = 0;
let isBusy = false;

const isInUse = (part) => {
  const focus = document.activeElement;
  const isTyping = part.contains(focus) && focus.matches("input, textarea, select");
  return isTyping || part.querySelector("details.menu[open]") !== null;
};

const keyOf = (element) =>
  element.id || element.dataset?.load || element.getAttribute("href") || element.dataset?.key;

const focusIn = (part) => {
  const focus = document.activeElement;
  return part.contains(focus) ? keyOf(focus.closest("[data-load]") ?? focus) : null;
};

const findKey = (part, key) =>
  [...part.querySelectorAll("[id], [data-load], [href], [data-key]")].find(
    (element) => keyOf(element) === key,
  );

const keepUnfolded = (part, next) => {
  for (const details of part.querySelectorAll("details[open]")) {
    const key = keyOf(details);
    const twin = key ? findKey(next, key) : null;
    if (!twin) continue;
    const loaded = details.querySelector("[data-load-into]");
    if (loaded) twin.querySelector("[data-load-into]").replaceWith(loaded);
    twin.open = true;
  }
  if (part.open) next.open = true;
};

const markChanged = (part, next) => {
  const before = new Map();
  part.querySelectorAll("[data-row]").forEach((row) => {
    before.set(row.dataset.row, row.dataset.changed);
  });
  if (before.size === 0) return;
  for (const row of next.querySelectorAll("[data-row]")) {
    if (before.get(row.dataset.row) !== row.dataset.changed) row.classList.add("is-fresh");
  }
};

const swap = (part, next) => {
  if (!beforeSwap(part, next)) return;
  const key = focusIn(part);
  keepUnfolded(part, next);
  markChanged(part, next);
  part.replaceWith(next);
  writeTimes(next);
  foldJson(next);
  if (key) (findKey(next, key)?.querySelector("summary") ?? findKey(next, key))?.focus();
  next.dispatchEvent(new CustomEvent("epicenter:swapped", { bubbles: true }));
};

const fetchFragment = async (fragment) => {
  const answer = await fetch(location.href, { headers: { "X-Fragment": fragment } });
  if (answer.redirected || answer.status === 401) {
    location.reload();
    return;
  }
  if (!answer.ok) return;
  const read = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll(`[data-fragment="${fragment}"]`)) {
    const next = read.getElementById(part.id);
    if (!next) continue;
    if (isInUse(part)) plan(fragment, 2_000);
    else swap(part, document.importNode(next, true));
  }
};

const run = async () => {
  timer = 0;
  if (isBusy) return;
  isBusy = true;
  const fragments = [...waiting];
  waiting.clear();
  try {
    await Promise.all(fragments.map(fetchFragment));
  } catch {
    // The badge tells that the server is away; the stream asks for all of it when it is back.
  }
  countInTitle();
  setTimeout(() => {
    isBusy = false;
    if (waiting.size > 0) plan(null, 0);
  }, REST_MS);
};

const plan = (fragment, wait = WAIT_MS) => {
  if (fragment) waiting.add(fragment);
  if (!timer) timer = setTimeout(run, wait);
};

const countInTitle = () => {
  const unread = document.querySelector("#bell [data-unread]")?.dataset.unread;
  document.title = unread ? `(${unread}) ${title}` : title;
};

const hear = (name, data) => {
  for (const part of document.querySelectorAll("[data-live]")) {
    const isMeant = part.dataset.live.split(" ").includes(name);
    const names = part.dataset.match?.split(" ") ?? [];
    const said = [data.id, data.number].filter((name) => name !== undefined).map(String);
    const isOurs =
      names.length === 0 || said.length === 0 || said.some((name) => names.includes(name));
    if (isMeant && isOurs) plan(part.dataset.fragment);
  }
};

const showState = (state, since) => {
  const badge = document.getElementById("live-badge");
  if (!badge) return;
  const at = new Date(since).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  badge.dataset.state = state;
  badge.lastElementChild.textContent = state === "stale" ? `stale since ${at}` : state;
};

/** Fetches every live part again. */
export const refreshAll = () => {
  for (const part of document.querySelectorAll("[data-live]")) plan(part.dataset.fragment, 0);
};

/** Connects the page to the stream. */
export const startLive = () => {
  countInTitle();
  if (document.querySelector("[data-live]")) {
    startStream({ event: hear, state: showState, catchUp: refreshAll });
  }
};
