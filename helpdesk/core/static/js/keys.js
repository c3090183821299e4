// Keyboard, menus and colours. The keys stand in one list, the help sheet of the page: this file reads it,
// so that sheet, tooltips and listeners cannot disagree. An element offers an action by data-act.
const desk = (globalThis.desk = globalThis.desk || {});
const sheet = document.getElementById("keys");
const registry = [...sheet.querySelectorAll("[data-key]")].map((row) => ({
  keys: row.dataset.key,
  id: row.dataset.for,
  label: row.querySelector("dt").textContent.trim(),
  where: row.closest("[data-where]").dataset.where,
}));
const actions = { keys: () => (sheet.open ? sheet.close() : sheet.showModal()) };
const EDITABLE = "textarea,select,[contenteditable],input:not([type=radio],[type=checkbox],[type=file],[type=submit])";
const store = {
  get: (name) => { try { return localStorage.getItem(name); } catch { return null; } },
  set: (name, value) => { try { value ? localStorage.setItem(name, value) : localStorage.removeItem(name); } catch {} },
};

desk.store = store;
desk.on = (id, act) => (actions[id] = act);

const spelt = (keys) => ({ "ctrl+enter": "Ctrl+Enter" })[keys] || keys.toUpperCase().replace("SHIFT+", "Shift+");

// Tooltips and aria-keyshortcuts, again after every live change.
desk.tips = () => {
  for (const { id, keys, label } of registry) {
    for (const el of document.querySelectorAll(`[data-act="${id}"]`)) {
      if (el.type === "radio") el.parentNode.title = `${label} (${keys.toUpperCase()})`;
      else el.title = `${el.getAttribute("aria-label") || label} (${spelt(keys)})`;
      if (!keys.includes(" ")) el.setAttribute("aria-keyshortcuts", keys === "ctrl+enter" ? "Control+Enter Meta+Enter" : spelt(keys));
    }
  }
};

function run(id, event) {
  if (actions[id]) return actions[id](event) !== false;
  const all = [...document.querySelectorAll(`[data-act="${id}"]`)];
  const el = all.find((one) => one.checkVisibility()) || all.find((one) => one.href || one.closest(".pop"));
  if (!el) return false;
  if (el.localName === "summary") {
    el.parentNode.open = true;
    const inside = (what) => el.parentNode.querySelector(what);
    (inside("[aria-current]") || inside(".pop > .mini-form:first-child :is(input:not([type=hidden]),select)") || inside(".pop :is(a,button)"))?.focus();
  } else el.click();
  return true;
}
desk.run = run;

let lead = "";
let leadTimer;
function find(key) {
  const page = document.body.dataset.page;
  const here = registry.filter((one) => one.where === "any" || one.where === page);
  if (lead) {
    const hit = here.find((one) => one.keys === `${lead} ${key}`);
    lead = "";
    return hit;
  }
  if (here.some((one) => one.keys.startsWith(`${key} `))) {
    lead = key;
    clearTimeout(leadTimer);
    leadTimer = setTimeout(() => (lead = ""), 1200);
    return undefined;
  }
  return here.find((one) => one.keys === key);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.altKey || event.getModifierState("AltGraph")) return;
  const target = event.target;
  if (event.key === "Escape") return leave(target);
  if (sheet.open && event.key !== "?") return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key === "Enter" && target.closest?.("#composer") && run("send", event)) event.preventDefault();
    return;
  }
  const pop = target.closest?.(".menu[open]");
  if (pop && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    const items = [...pop.querySelectorAll(".pop :is(a,button)")].filter((one) => one.checkVisibility());
    const at = items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    items[(at + items.length) % items.length]?.focus();
    event.preventDefault();
    return;
  }
  if (target.closest?.(EDITABLE) || store.get("letters") === "off") return;
  const plain = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  let key = event.shiftKey && event.key !== "?" ? `shift+${plain}` : plain;
  if (document.body.dataset.page === "list" && !target.closest?.("summary,.pop")) key = { ArrowDown: "j", ArrowUp: "k" }[key] || key;
  if (plain.length > 1 && key === plain) return;
  const hit = find(key);
  if (hit && run(hit.id, event)) event.preventDefault();
});

// Escape closes what is open, else leaves the text; the draft stays.
function leave(target) {
  const open = target.closest?.(".menu[open]") || document.querySelector(".menu[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  } else if (target.closest?.("#composer")) document.getElementById("subject").focus({ preventScroll: true });
}

// One menu at a time, closed by a click elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  const pick = event.target.closest?.("[data-theme-pick]");
  if (pick) {
    const theme = pick.dataset.themePick;
    store.set("theme", theme);
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    pick.closest(".menu").open = false;
  }
  if (event.target.closest?.("[data-act=keys]")) actions.keys();
  if (event.target === sheet) sheet.close();
});

const letters = document.getElementById("letters");
letters.checked = store.get("letters") !== "off";
letters.addEventListener("change", () => store.set("letters", letters.checked ? "" : "off"));
desk.tips();
