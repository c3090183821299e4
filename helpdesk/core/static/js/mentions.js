// Names for @ in a note: a few below the text. Arrows and Enter choose, Escape leaves the text as it is.
const editor = document.getElementById("editor");
const { url, label } = document.getElementById("mentions").dataset;
const box = Object.assign(document.createElement("div"), { id: "names", className: "names", hidden: true });
let asked;
let at = 0;

if (editor) {
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", label);
  document.getElementById("other-draft").after(box);
  editor.addEventListener("input", look);
  editor.addEventListener("blur", close);
  editor.addEventListener("keydown", press, true);
  box.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const item = event.target.closest("[role=option]");
    if (item) pick(item);
  });
}

const kind = () => editor.form.elements.kind.value || editor.form.querySelector("[name=kind]").value;
const typed = () => /(?<![\p{L}\p{N}.\-_@+])@([\p{L}\p{N}][\p{L}\p{N} .'-]{0,40})?$/u.exec(editor.value.slice(0, editor.selectionStart));

function close() {
  box.hidden = true;
  editor.removeAttribute("aria-activedescendant");
}

async function look() {
  if (kind() !== "note" || !typed()) return close();
  asked ||= fetch(url, { headers: { Accept: "application/json" } }).then((answer) => (answer.ok ? answer.json() : []));
  const names = await asked.catch(() => ((asked = null), []));
  const found = typed();
  if (!found) return close();
  const start = (found[1] || "").toLowerCase();
  const fit = names.filter((name) => [name, ...name.split(" ")].some((one) => one.toLowerCase().startsWith(start)));
  if (!fit.length || fit.some((name) => name.toLowerCase() === start.trim())) return close();
  box.replaceChildren(
    ...fit.slice(0, 6).map((name, n) => {
      const item = Object.assign(document.createElement("span"), { id: `name-${n}`, textContent: name });
      item.setAttribute("role", "option");
      return item;
    }),
  );
  box.hidden = false;
  mark(0);
}

function mark(n) {
  at = (n + box.children.length) % box.children.length;
  [...box.children].forEach((item, i) => item.setAttribute("aria-selected", i === at));
  editor.setAttribute("aria-activedescendant", `name-${at}`);
}

function pick(item) {
  const end = editor.selectionStart;
  const start = end - (typed()?.[1] || "").length;
  editor.setRangeText(`${item.textContent} `, start, end, "end");
  close();
  editor.dispatchEvent(new Event("input", { bubbles: true }));
}

function press(event) {
  if (box.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "ArrowDown" || event.key === "ArrowRight") mark(at + 1);
  else if (event.key === "ArrowUp" || event.key === "ArrowLeft") mark(at - 1);
  else if (event.key === "Enter" || event.key === "Tab") pick(box.children[at]);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
