// Live pages without reloads: parts of the page carry data-part, an answer of the server with parts of the same
// name is merged into them, keeping focus, open details and the place on the screen. Forms with data-live and the
// poll below both go this way. Nothing here ever touches what somebody is writing.
const desk = globalThis.desk;
const words = document.body.dataset;
const skew = Date.parse(words.at) - Date.now();
desk.time = () => Date.now() + skew;
const KEEP = new Set(["open", "title", "aria-keyshortcuts"]);

let wanted = new Set();

function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return old.replaceWith(document.importNode(fresh, true));
  if (old.nodeType !== 1) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.isEqualNode(fresh)) return;
  const current = old.classList.contains("cur") && old.classList.contains("tk");
  for (const { name, value } of [...fresh.attributes]) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !KEEP.has(name)) old.removeAttribute(name);
  if (current) old.classList.add("cur");
  children(old, fresh);
}

function place(parent, node, before) {
  if (parent.moveBefore && node.isConnected) parent.moveBefore(node, before);
  else parent.insertBefore(node, before);
}

function children(old, fresh) {
  let at = old.firstChild;
  for (const want of [...fresh.childNodes]) {
    while (at && at.id && !wanted.has(at.id)) {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
    }
    let have = null;
    if (want.id) have = document.getElementById(want.id);
    else if (at && !at.id && at.nodeName === want.nodeName) have = at;
    if (!have) old.insertBefore(document.importNode(want, true), at);
    else {
      if (have === at) at = at.nextSibling;
      else place(old, have, at);
      morph(have, want);
    }
  }
  while (at) {
    const next = at.nextSibling;
    if (!at.id || !wanted.has(at.id)) at.remove();
    at = next;
  }
}

// What must not move on the screen: the focused row, the one under the pointer, or the first one in view.
function anchor(list) {
  const held = document.activeElement?.closest?.(".tk") || list.querySelector(".tk:hover") || list.querySelector(".tk.cur");
  if (held) return held;
  return scrollY > 0 ? [...list.querySelectorAll(".tk")].find((row) => row.getBoundingClientRect().bottom > 60) : null;
}

function still(list, change) {
  const row = anchor(list);
  const focused = document.activeElement;
  const before = row?.getBoundingClientRect().top;
  change();
  if (row?.isConnected) {
    const delta = row.getBoundingClientRect().top - before;
    if (delta) {
      scrollBy({ top: delta, behavior: "instant" });
      const rest = row.getBoundingClientRect().top - before;
      if (rest > 0) {
        const top = list.getBoundingClientRect().top + scrollY;
        list.style.minHeight = `${innerHeight + scrollY + rest - top}px`;
        scrollBy({ top: rest, behavior: "instant" });
      }
    }
  }
  if (focused?.isConnected && focused !== document.activeElement) focused.focus({ preventScroll: true });
}

desk.apply = (doc) => {
  let found = 0;
  for (const fresh of doc.querySelectorAll("[data-part]")) {
    const name = fresh.dataset.part;
    const old = document.querySelector(`[data-part="${name}"]`);
    if (!old) continue;
    found += 1;
    wanted = new Set([...fresh.querySelectorAll("[id]")].map((one) => one.id));
    const change = () => morph(old, fresh);
    const before = { seq: old.dataset.seq, count: old.querySelectorAll(".msg:not(.note)").length };
    if (name === "list") still(old, change);
    else if (name === "thread") stick(old, change);
    else change();
    if (name === "toasts") fade();
    if (name === "thread" && before.seq !== old.dataset.seq) {
      const grown = old.querySelectorAll(".msg:not(.note)").length > before.count;
      document.dispatchEvent(new CustomEvent("desk:thread", { detail: { seq: old.dataset.seq, grown } }));
    }
  }
  const title = doc.querySelector("title");
  if (title) document.title = title.textContent;
  desk.tips();
  tick();
  return found;
};

// A conversation read at its end stays at its end.
function stick(thread, change) {
  const low = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
  change();
  if (low) thread.scrollTop = thread.scrollHeight;
}

const parse = (text) => new DOMParser().parseFromString(text, "text/html");
desk.parse = parse;

let bar;
desk.busy = (on) => {
  bar?.remove();
  bar = null;
  if (!on) return;
  bar = document.createElement("div");
  bar.className = "bar";
  document.body.append(bar);
};

desk.toast = (text) => {
  const box = document.createElement("div");
  box.className = "toast";
  box.append(Object.assign(document.createElement("span"), { textContent: text }));
  document.querySelector(".toasts").replaceChildren(box);
  fade();
};

let fading;
function fade() {
  clearTimeout(fading);
  const box = document.querySelector(".toasts");
  if (!box.firstElementChild) return;
  fading = setTimeout(() => (box.matches(":hover,:focus-within") ? fade() : box.replaceChildren()), 10000);
}

// Post a form; true when the answer could be merged. An answer that leads elsewhere is followed.
desk.post = async (url, body) => {
  desk.busy(true);
  try {
    const answer = await fetch(url, { method: "POST", body, headers: { Accept: "text/html", "X-Fragment": "1" } });
    const here = new URL(answer.url);
    if (answer.redirected && here.pathname !== location.pathname) {
      location.assign(answer.url);
      return { ok: true, away: true };
    }
    const doc = parse(answer.status === 204 ? "" : await answer.text());
    const merged = desk.apply(doc) > 0;
    if (!merged && !answer.ok) desk.toast(doc.querySelector("main h1")?.textContent || words.failed);
    if (!merged && answer.ok && answer.status !== 204) location.assign(answer.url);
    return { ok: answer.ok, merged };
  } catch {
    return { ok: false, merged: false, lost: true };
  } finally {
    desk.busy(false);
  }
};

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("[data-live]")) return;
  event.preventDefault();
  const menu = form.closest(".menu");
  const result = await desk.post(form.action, new FormData(form, event.submitter));
  if (menu) {
    const left = document.activeElement !== document.body && !menu.contains(document.activeElement);
    menu.open = false;
    if (menu.isConnected && !left) menu.querySelector("summary").focus();
  }
  if (result.lost) desk.toast(words.failed);
});

// The poll: a stamp first, 304 without a body while nothing changed.
const source = document.querySelector("[data-live]:not(form)");
let etag = source?.dataset.stamp ? `"${source.dataset.stamp}"` : "";
let pause = 4000;
async function poll() {
  if (document.visibilityState === "visible") {
    try {
      const answer = await fetch(source.dataset.live, { cache: "no-store", headers: etag ? { "If-None-Match": etag } : {} });
      if (answer.redirected || answer.status === 401 || answer.status === 403) return;
      if (answer.status === 200) {
        etag = answer.headers.get("ETag") || "";
        desk.apply(parse(await answer.text()));
      }
      pause = answer.status < 500 ? 4000 : Math.min(pause * 2, 60000);
    } catch {
      pause = Math.min(pause * 2, 60000);
    }
  }
  setTimeout(poll, pause);
}
if (source) setTimeout(poll, pause);
document.addEventListener("visibilitychange", () => (pause = 4000));

// Relative times, every half minute; the words come from the page, the zone from the desk.
const fill = (text, ...values) => values.reduce((line, value) => line.replace("{}", value), text);
function lasting(s) {
  if (s < 60) return null;
  if (s < 3600) return fill(words.min, Math.floor(s / 60));
  if (s < 86400) return fill(words.hm, Math.floor(s / 3600), String(Math.floor((s % 3600) / 60)).padStart(2, "0"));
  const days = Math.floor(s / 86400);
  const hours = Math.floor((s % 86400) / 3600);
  return hours && days < 7 ? fill(words.dh, days, hours) : fill(words.d, days);
}
function age(s) {
  if (s < 60) return words.now;
  if (s < 3600) return fill(words.min, Math.floor(s / 60));
  if (s < 86400) return fill(words.h, Math.floor(s / 3600));
  return s < 604800 ? fill(words.d, Math.floor(s / 86400)) : null;
}
function moment(s, at) {
  if (s < 0) return null;
  if (s < 60) return words.now;
  if (s < 3600) return fill(words.ago, fill(words.min, Math.floor(s / 60)));
  if (s > 5400) return null;
  const lang = document.documentElement.lang === "en" ? "en-150" : document.documentElement.lang;
  return new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", timeZone: document.documentElement.dataset.zone }).format(at);
}
const forms = { since: lasting, ago: age, moment };
function tick() {
  for (const el of document.querySelectorAll("time[data-t]")) {
    const at = Date.parse(el.dateTime);
    const text = forms[el.dataset.t]?.((desk.time() - at) / 1000, at);
    if (text && text !== el.textContent) el.textContent = text;
  }
}
setInterval(tick, 30000);
fade();

// Offline: one strip, no drama.
const strip = Object.assign(document.createElement("p"), { className: "offline", textContent: words.offline });
strip.setAttribute("role", "status");
const watch = () => (navigator.onLine ? strip.remove() : document.body.append(strip));
addEventListener("online", watch);
addEventListener("offline", watch);

// A slow page change shows a thin bar after a moment.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (link && !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.shiftKey && !link.target && !link.hasAttribute("download") && !link.getAttribute("href").startsWith("#")) desk.busy(true);
});
addEventListener("pageshow", () => desk.busy(false));
