// Forms without a reload: sent by fetch, answered by a toast, followed by fresh live parts.
import { refreshAll } from "./live.js";
import { isUtc } from "./times.js";
import { showToast } from "./toasts.js";

const isJson = (answer) => /\bjson\b/.test(answer.headers.get("Content-Type") ?? "");

/** Sends fields to a path of ours; true when it went well. */
export const send = async (path, fields) => {
  const headers = { Accept: "application/json", "X-Csrf": document.body.dataset.csrf };
  let answer;
  try {
    answer = await fetch(path, { method: "POST", body: fields, headers });
  } catch {
    showToast("Epicenter cannot be reached. Nothing was changed.", { isError: true });
    return false;
  }
  if (!isJson(answer)) {
    location.assign(answer.redirected ? answer.url : location.href);
    return answer.ok;
  }
  const said = await answer.json();
  if (!answer.ok) {
    showToast(said.detail ?? said.title ?? "That did not work.", { isError: true });
    return false;
  }
  if (said.location) location.assign(said.location);
  else {
    showToast(said.message, { undo: said.undo });
    refreshAll();
  }
  return true;
};

const fieldsOf = (form, button) => {
  if (form.matches("[data-zone-form]") && !isUtc()) {
    const until = new Date(form.elements.until.value);
    const offset = Number.isNaN(until.getTime()) ? 0 : until.getTimezoneOffset();
    form.elements.utc_offset.value = String(offset);
  }
  return new URLSearchParams(new FormData(form, button));
};

/** In a group of choices, the one that was sent is now the one that holds. */
const markChoice = (button) => {
  const choices = button?.closest("[data-choices]")?.querySelectorAll("button") ?? [];
  for (const choice of choices) {
    choice.disabled = choice === button;
    choice.ariaPressed = choice === button ? "true" : null;
  }
};

const submitEnhanced = async (form, button) => {
  if (form.dataset.busy !== undefined) return;
  form.dataset.busy = "";
  button?.classList.add("is-busy");
  const isDone = await send(form.action, fieldsOf(form, button));
  delete form.dataset.busy;
  button?.classList.remove("is-busy");
  if (!isDone) return;
  markChoice(button);
  const menu = form.closest("details.menu");
  if (menu) menu.open = false;
  form.closest(".toast")?.remove();
  form.querySelectorAll("textarea").forEach((area) => {
    area.value = "";
  });
  form.dispatchEvent(new CustomEvent("epicenter:done", { bubbles: true }));
};

const applyFilter = (form) => {
  const address = new URL(form.action);
  for (const [name, value] of new FormData(form)) {
    if (value) address.searchParams.set(name, value);
  }
  location.assign(address);
};

const nameZone = (form) => {
  const name = form.querySelector("[data-zone-name]");
  if (name) name.textContent = isUtc() ? "UTC" : "your time";
};

/** Makes forms work without a reload. */
export const startForms = () => {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.confirm && !confirm(form.dataset.confirm)) {
      event.preventDefault();
    } else if (form.matches("[data-enhance]")) {
      event.preventDefault();
      submitEnhanced(form, event.submitter);
    } else if (form.matches("[data-filter]")) {
      event.preventDefault();
      applyFilter(form);
    }
  });
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-filter]") && event.target.type !== "search") applyFilter(form);
  });
  document.addEventListener(
    "toggle",
    (event) => {
      const form = event.target.querySelector?.("[data-zone-form]");
      if (form) nameZone(form);
    },
    true,
  );
};
