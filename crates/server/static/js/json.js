// Folding and colours for JSON that is laid out already, line by line. The text itself is never
// parsed: long numbers and repeated keys stay as they are.
const MOST_LINES = 20_000;
const LINE = /^(\s*)("(?:[^"\\]|\\.)*")(: )([\s\S]*)$/;
const VALUE = /^("(?:[^"\\]|\\.)*"|[^\s,{}[\]]+)(,?)$/;

const piece = (className, text) => {
  const span = document.createElement("span");
  span.className = className;
  span.textContent = text;
  return span;
};

const paintValue = (text) => {
  const match = VALUE.exec(text);
  if (!match) return [text];
  return [piece(match[1].startsWith('"') ? "j-text" : "j-plain", match[1]), match[2]];
};

const paint = (line) => {
  const match = LINE.exec(line);
  if (match) return [match[1], piece("j-key", match[2]), match[3], ...paintValue(match[4])];
  const indent = line.length - line.trimStart().length;
  return [line.slice(0, indent), ...paintValue(line.slice(indent))];
};

const setClosed = (fold, isClosed) => {
  fold.classList.toggle("is-closed", isClosed);
  fold.firstElementChild.setAttribute("aria-expanded", String(!isClosed));
};

const openFold = (line) => {
  const fold = document.createElement("span");
  fold.className = "fold";
  const mark = document.createElement("button");
  mark.type = "button";
  mark.className = "fold-mark";
  mark.setAttribute("aria-label", "Fold");
  mark.setAttribute("aria-expanded", "true");
  const inner = document.createElement("span");
  inner.className = "fold-inner";
  const note = document.createElement("span");
  note.className = "fold-note";
  fold.append(mark, ...paint(line), note, inner);
  return { fold, inner, note, count: 0 };
};

const build = (lines) => {
  const root = document.createDocumentFragment();
  const open = [];
  const place = () => open.at(-1)?.inner ?? root;
  lines.forEach((line, index) => {
    const end = index + 1 < lines.length ? "\n" : "";
    const first = line.trimStart()[0];
    if ((first === "}" || first === "]") && open.length > 0) {
      const { fold, inner, note, count } = open.pop();
      note.dataset.note = ` ${count} ${count === 1 ? "line" : "lines"} `;
      if (open.length > 0) open.at(-1).count += count + 1;
      // The indent stays inside, so that a closed fold is one line.
      inner.append(line.slice(0, line.length - line.trimStart().length));
      fold.append(line.trimStart(), end);
    } else if (line.endsWith("{") || line.endsWith("[")) {
      const next = openFold(line);
      place().append(next.fold);
      next.inner.append("\n");
      open.push(next);
    } else {
      place().append(...paint(line), end);
      if (open.length > 0) open.at(-1).count += 1;
    }
  });
  return root;
};

/** Makes the JSON under an element foldable. */
export const foldJson = (root) => {
  for (const area of root.querySelectorAll("[data-json]:not([data-folds])")) {
    const lines = area.textContent.split("\n");
    area.dataset.folds = "";
    if (lines.length <= MOST_LINES) area.replaceChildren(build(lines));
  }
};

document.addEventListener("click", (event) => {
  const mark = event.target.closest(".fold-mark");
  if (mark) {
    setClosed(mark.parentElement, !mark.parentElement.classList.contains("is-closed"));
    return;
  }
  const all = event.target.closest("[data-fold-all]");
  if (!all) return;
  const inner = document.querySelectorAll(`${all.dataset.foldAll} .fold .fold`);
  const isClosed = all.textContent === "Fold all";
  inner.forEach((fold) => setClosed(fold, isClosed));
  all.textContent = isClosed ? "Unfold all" : "Fold all";
});
