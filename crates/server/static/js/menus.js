// Menus that close when one looks elsewhere, dialogs, and the display switches.
import { foldJson } from "./json.js";
import { writeTimes } from "./times.js";

const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except && !menu.contains(except)) menu.open = false;
  }
};

const closeOnEscape = (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
  event.stopImmediatePropagation();
};

const remember = (name, value) => {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Private windows may refuse; then the choice holds until the page is left.
  }
};

const choose = (name, value) => {
  const root = document.documentElement;
  remember(name, value);
  if (name === "theme" && value === "auto") delete root.dataset.theme;
  else root.dataset[name] = value;
  writeTimes(document);
};

const startSwitches = () => {
  for (const group of document.querySelectorAll("[data-switch]")) {
    const name = group.dataset.switch;
    const chosen = document.documentElement.dataset[name];
    const input = group.querySelector(`input[value="${chosen ?? "auto"}"]`);
    if (input) input.checked = true;
    group.addEventListener("change", (event) => choose(name, event.target.value));
  }
};

const unfoldRow = async (details) => {
  const place = details.querySelector("[data-load-into]");
  if (!place || place.dataset.loaded !== undefined) return;
  place.dataset.loaded = "";
  try {
    const answer = await fetch(details.dataset.load, { headers: { "X-Fragment": "detail" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const read = new DOMParser().parseFromString(await answer.text(), "text/html");
    const detail = read.querySelector(".issue-detail");
    if (!detail) throw new Error("no detail");
    place.replaceChildren(detail);
    writeTimes(place);
    foldJson(place);
  } catch {
    // The link to the entry's own page stays.
    delete place.dataset.loaded;
  }
};

/** Opens a dialog by its id. */
export const openDialog = (id) => {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
  return dialog;
};

/** Makes menus, dialogs and switches work. */
export const startMenus = () => {
  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest("details.menu"));
    const opener = event.target.closest("[data-open]");
    if (opener?.dataset.open) openDialog(opener.dataset.open);
    event.target.closest("[data-close]")?.closest("dialog").close();
    if (event.target instanceof HTMLDialogElement) event.target.close();
  });
  document.addEventListener("keydown", closeOnEscape);
  document.addEventListener(
    "toggle",
    (event) => {
      if (event.target.open && event.target.dataset?.load) unfoldRow(event.target);
    },
    true,
  );
  startSwitches();
};
