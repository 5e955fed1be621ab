// Short messages at the edge, some with a way back.
const STAY_MS = 9_000;

const leave = (toast) => {
  let timer = 0;
  const wait = () => {
    timer = setTimeout(() => toast.remove(), STAY_MS);
  };
  const hold = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, hold);
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, wait);
  wait();
};

/** Shows a message; `undo` is the token of what can be taken back. */
export const showToast = (text, { isError = false, undo = null } = {}) => {
  const template = document.getElementById("toast-template");
  const region = document.getElementById("toasts");
  if (!template || !region) return;
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.classList.toggle("is-error", isError);
  toast.querySelector(isError ? "[data-good]" : "[data-bad]").remove();
  toast.querySelector("p").textContent = text;
  const form = toast.querySelector("form");
  if (undo) form.elements.undo.value = undo;
  else form.remove();
  region.querySelectorAll("form").forEach((older) => older.remove());
  region.append(toast);
  if (region.childElementCount > 3) region.firstElementChild.remove();
  leave(toast);
};

/** Lets the messages that came with the page go after a while. */
export const startToasts = () => {
  document.querySelectorAll("[data-toast]").forEach(leave);
};
