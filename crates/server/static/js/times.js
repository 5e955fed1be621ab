// Times in the reader's zone or in UTC, and distances that stay fresh.
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const span = (ms) => {
  if (ms < MINUTE) return `${Math.floor(ms / 1000)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`;
  if (ms < 60 * DAY) return `${Math.floor(ms / DAY)} d`;
  if (ms < 730 * DAY) return `${Math.floor(ms / (30 * DAY))} mo`;
  return `${Math.floor(ms / (365 * DAY))} yr`;
};

const distance = (at) => {
  const ms = Date.now() - at;
  if (Math.abs(ms) < 10_000) return "just now";
  return ms < 0 ? `in ${span(-ms)}` : `${span(ms)} ago`;
};

export const isUtc = () => document.documentElement.dataset.zone === "utc";

const format = (at, style) => {
  const zone = isUtc() ? { timeZone: "UTC" } : {};
  const text = new Intl.DateTimeFormat(undefined, { ...style, ...zone }).format(at);
  return isUtc() ? `${text} UTC` : text;
};

const FULL = { dateStyle: "medium", timeStyle: "short" };
const EXACT = { dateStyle: "medium", timeStyle: "medium" };
const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };

const write = (element) => {
  const at = Date.parse(element.dateTime);
  if (Number.isNaN(at)) return;
  const texts = {
    ago: () => distance(at),
    age: () => span(Math.max(0, Date.now() - at)),
    full: () => format(at, FULL),
    clock: () => format(at, CLOCK),
  };
  const text = texts[element.dataset.time]?.();
  if (text && element.textContent !== text) element.textContent = text;
  element.title = format(at, EXACT);
};

/** Writes the times under an element anew. */
export const writeTimes = (root) => root.querySelectorAll("time[data-time]").forEach(write);

/** Writes all times now, and distances every 15 seconds. */
export const startTimes = () => {
  writeTimes(document);
  setInterval(() => {
    if (!document.hidden) writeTimes(document);
  }, 15_000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) writeTimes(document);
  });
};
