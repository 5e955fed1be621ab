// Lists: the current row, the selection, and what is held back while one selects.
import { send } from "./forms.js";
import { openDialog } from "./menus.js";
import { refreshAll } from "./live.js";

let current = null;
let isShowing = false;
let lastChecked = null;

const rows = () => [...document.querySelectorAll("[data-rows] > [data-row]")];
const boxes = () => [...document.querySelectorAll("[data-rows] input[name=numbers]")];
const selected = () => boxes().filter((box) => box.checked).map((box) => box.value);
const rowOf = (number) => rows().find((row) => row.dataset.row === number) ?? null;

const mark = (row) => {
  rows().forEach((other) => other.classList.toggle("is-current", other === row));
  current = row?.dataset.row ?? null;
};

const showSelection = () => {
  const bar = document.getElementById("bulk");
  if (!bar) return;
  const count = selected().length;
  bar.toggleAttribute("data-open", count > 0);
  bar.querySelector("[data-count]").textContent = `${count} selected`;
  if (count === 0 && !document.getElementById("pending").hidden) showHeldBack();
};

const showHeldBack = () => {
  isShowing = true;
  document.getElementById("pending").hidden = true;
  refreshAll();
};

/** The rows that are to act: the selected ones, else the current one. */
const targets = () => {
  const chosen = selected();
  if (chosen.length > 0) return chosen;
  return current ? [current] : [];
};

const act = async (verb) => {
  const bar = document.getElementById("bulk");
  const numbers = targets();
  if (!bar || numbers.length === 0) return;
  const fields = new URLSearchParams({
    csrf: bar.elements.csrf.value,
    back: bar.elements.back.value,
    verb,
  });
  numbers.forEach((number) => fields.append("numbers", number));
  if (await send(bar.action, fields)) clearSelection();
};

/** Unselects everything; false when nothing was selected. */
export const clearSelection = () => {
  const chosen = boxes().filter((box) => box.checked);
  chosen.forEach((box) => {
    box.checked = false;
  });
  isShowing = true;
  showSelection();
  return chosen.length > 0;
};

const move = (step) => {
  const all = rows();
  if (all.length === 0) return;
  const index = all.findIndex((row) => row.dataset.row === current);
  const next = all[Math.min(Math.max(index + step, 0), all.length - 1)] ?? all[0];
  mark(next);
  next.querySelector("[data-row-link], summary")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
};

const toggle = () => {
  const box = current && rowOf(current)?.querySelector("input[name=numbers]");
  if (!box) return;
  box.checked = !box.checked;
  showSelection();
};

/** What the keys of a list do; `false` when this page has no list or the key no meaning here. */
export const pressInList = (key) => {
  if (rows().length === 0) return false;
  const canAct = document.getElementById("bulk") !== null && targets().length > 0;
  const deeds = {
    j: () => move(1),
    k: () => move(-1),
    x: toggle,
    e: canAct && (() => act("acknowledge")),
    r: canAct && (() => act("resolve")),
    m: canAct && (() => act("assign_me")),
    h: canAct && (() => openDialog("snooze")),
    Enter: current && (() => rowOf(current)?.querySelector("[data-row-link], summary")?.click()),
  };
  const deed = deeds[key];
  if (!deed) return false;
  deed();
  return true;
};

const countNew = (part, next) => {
  const known = new Set([...part.querySelectorAll("[data-row]")].map((row) => row.id));
  return [...next.querySelectorAll("[data-row]")].filter((row) => !known.has(row.id)).length;
};

/** Before a list is replaced: false holds it back while rows are selected. */
export const beforeSwap = (part, next) => {
  const pending = document.getElementById("pending");
  const chosen = selected();
  if (!pending || !part.querySelector("[data-rows]")) return true;
  if (chosen.length > 0 && !isShowing) {
    const count = countNew(part, next);
    const words = count === 0 ? "Changes" : `${count} new`;
    pending.querySelector("span").textContent = words;
    pending.hidden = false;
    return false;
  }
  isShowing = false;
  pending.hidden = true;
  for (const box of next.querySelectorAll("input[name=numbers]")) {
    box.checked = chosen.includes(box.value);
  }
  return true;
};

const checkRange = (event) => {
  const box = event.target;
  const all = boxes();
  const from = all.indexOf(lastChecked);
  if (event.shiftKey && from >= 0) {
    const to = all.indexOf(box);
    all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((other) => {
      other.checked = box.checked;
    });
  }
  lastChecked = box;
  showSelection();
};

/** Makes lists work. */
export const startList = () => {
  document.addEventListener("click", (event) => {
    if (event.target.matches("input[name=numbers]")) checkRange(event);
    if (event.target.closest("[data-clear]")) clearSelection();
    if (event.target.closest("#pending")) showHeldBack();
    const preset = event.target.closest("[data-snooze]")?.dataset.snooze;
    if (preset) {
      document.getElementById("snooze").close();
      act(`snooze_${preset}`);
    }
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-rows] > [data-row]");
    if (row) mark(row);
  });
  document.addEventListener("epicenter:done", (event) => {
    if (event.target.id === "bulk") clearSelection();
  });
  document.addEventListener("epicenter:swapped", () => {
    if (current) mark(rowOf(current));
    showSelection();
  });
  // The browser may restore ticked boxes when one comes back to the page.
  window.addEventListener("pageshow", showSelection);
  showSelection();
};
