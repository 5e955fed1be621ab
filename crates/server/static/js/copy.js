// Buttons that copy: `data-copy` names the element whose text is meant.
import { showToast } from "./toasts.js";

const byHand = (text) => {
  // Without HTTPS browsers hide the clipboard; the old way still works there.
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr";
  document.body.append(area);
  area.select();
  const isDone = document.execCommand("copy");
  area.remove();
  return isDone;
};

const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return byHand(text);
  }
};

/** Makes the buttons work. */
export const startCopying = () => {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.querySelector(button.dataset.copy);
    if (!source) return;
    const isDone = await copy(source.textContent);
    showToast(isDone ? "Copied" : "The browser did not allow copying: select the text instead", {
      isError: !isDone,
    });
    button.focus();
  });
};
