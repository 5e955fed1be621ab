// Keys for people who live in this page. They never fire while one types.
import { clearSelection, pressInList } from "./list.js";
import { openDialog } from "./menus.js";

const isTyping = (target) =>
  target.closest("input:not([type=checkbox], [type=radio]), textarea, select") !== null;

/** Presses the visible thing that says `data-key`; menus open on their first choice. */
const pressOnPage = (key) => {
  const targets = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
  const target = targets.findLast((one) => one.checkVisibility());
  if (!target) return false;
  target.click();
  if (target.matches("summary") && target.parentElement.open) {
    target.parentElement.querySelector("button, input:not([type=hidden])")?.focus();
  }
  return true;
};

const press = (key) => {
  if (key === "?") return Boolean(openDialog("keys"));
  if (key === "Escape") return clearSelection();
  if (key === "/") {
    const search = document.querySelector("[data-search]");
    search?.focus();
    search?.select();
    return Boolean(search);
  }
  return pressInList(key) || pressOnPage(key);
};

/** Listens. */
export const startKeys = () => {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    // A focused button or link keeps its own Enter.
    if (event.key === "Enter" && event.target !== document.body) return;
    if (press(event.key)) event.preventDefault();
  });
};
