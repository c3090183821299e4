// Canned replies while writing: asked for when the menu opens first, filtered while one types.
const desk = globalThis.desk;

export function insert(menu, form, editor, { changed, later, failed }) {
  const find = document.getElementById("canned-find");
  const box = document.getElementById("canned-list");
  const chips = document.getElementById("acts");
  const items = () => [...box.querySelectorAll("[data-canned]")];
  const put = (text) => {
    editor.setRangeText(text, editor.selectionStart, editor.selectionEnd, "end");
    changed();
  };
  const close = () => {
    menu.open = false;
    delete menu.dataset.slash;
    editor.focus();
  };
  let asked;
  let waits = false;

  const narrow = () => {
    const words = find.value.toLowerCase().split(/\s+/);
    for (const one of items()) one.hidden = !words.every((word) => one.textContent.toLowerCase().includes(word));
  };
  async function ask() {
    try {
      const answer = await fetch(menu.dataset.url, { headers: { "X-Fragment": "1" } });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      box.replaceChildren(...desk.parse(await answer.text()).body.childNodes);
      narrow();
      if (waits) items().find((one) => !one.hidden)?.click();
    } catch {
      asked = null;
      failed();
    }
    waits = false;
  }
  const open = () => {
    if (!menu.open) {
      find.value = "";
      return delete menu.dataset.slash;
    }
    narrow();
    find.focus();
    return (asked ||= ask());
  };
  menu.addEventListener("toggle", open);
  open();

  find.addEventListener("input", narrow);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      const first = items().find((one) => !one.hidden);
      if (first) first.click();
      else waits = !items().length;
    } else if (menu.dataset.slash && (event.key === "Escape" || (event.key === "Backspace" && !find.value))) {
      event.preventDefault();
      close();
      if (event.key === "Escape") put("/");
    }
  });

  box.addEventListener("click", async (event) => {
    const item = event.target.closest("[data-canned]");
    if (!item) return;
    const token = new FormData();
    token.set("csrf_token", form.elements.csrf_token.value);
    try {
      const answer = await fetch(item.dataset.canned, { method: "POST", body: token, headers: { "X-Fragment": "1" } });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const { text, acts } = await answer.json();
      close();
      put(text);
      for (const { value, label } of acts) {
        if ([...chips.querySelectorAll("input")].some((one) => one.value === value)) continue;
        const chip = document.createElement("label");
        chip.append(Object.assign(document.createElement("input"), { type: "checkbox", name: "do", value, checked: true }), label);
        chips.append(chip);
      }
      later();
    } catch {
      failed();
    }
  });
}
