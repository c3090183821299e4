// One ticket: where the page opens, reading, and the box for writing with its drafts.
const desk = globalThis.desk;
const thread = document.getElementById("thread");
const form = document.getElementById("composer");

// Open at what is new, else at the end; the heading takes the focus for the keyboard.
if (!location.hash) {
  const unread = document.getElementById("unread");
  if (unread) unread.scrollIntoView({ block: "start" });
  else thread.scrollTop = thread.scrollHeight;
  document.getElementById("subject").focus({ preventScroll: true });
}
if (location.hash === "#editor") {
  const box = document.getElementById("editor");
  box?.focus();
  box?.setSelectionRange(box.value.length, box.value.length);
}
document.querySelector(".mi.cur")?.scrollIntoView({ block: "nearest" });

// Read once seen, again when more came in before these eyes.
const read = document.getElementById("read");
const seen = () => {
  const url = new URL(read.action);
  url.searchParams.set("seq", thread.dataset.seq);
  if (document.visibilityState === "visible") fetch(url, { method: "POST", body: new FormData(read), keepalive: true }).catch(() => {});
};
if (document.visibilityState === "visible") seen();
else document.addEventListener("visibilitychange", seen, { once: true });
document.addEventListener("desk:thread", seen);

desk.on("quoted", () => {
  const all = [...thread.querySelectorAll(".quoted")];
  const open = all.some((one) => !one.open);
  for (const one of all) one.open = open;
  return all.length > 0;
});

if (form) compose();

function compose() {
  const editor = document.getElementById("editor");
  const other = document.getElementById("other-draft");
  const saved = document.getElementById("saved");
  const chosen = document.getElementById("chosen");
  const files = document.getElementById("files");
  const data = form.dataset;
  let sending = false;
  let dirty = false;
  let timer;
  let saving = Promise.resolve();
  const kind = () => form.elements.kind.value || form.querySelector("[name=kind]").value;
  const place = (which) => `${data.draftKey}:${which}`;
  let now = kind();

  function status(text, bad = false) {
    saved.className = bad ? "saved bad" : "saved";
    saved.lastElementChild.textContent = text;
  }
  const body = () => {
    const draft = new FormData();
    draft.set("csrf_token", form.elements.csrf_token.value);
    draft.set("form_key", form.elements.form_key.value);
    draft.set("kind", now);
    draft.set("body", editor.value);
    for (const box of form.querySelectorAll("#acts :checked")) draft.append("do", box.value);
    return draft;
  };
  const mirror = () => desk.store.set(place(now), JSON.stringify({ body: editor.value, at: desk.time() }));

  async function save() {
    clearTimeout(timer);
    if (!dirty || sending) return;
    dirty = false;
    const [which, text] = [now, editor.value];
    status(data.saving);
    try {
      const answer = await fetch(data.draftUrl, { method: "POST", body: body(), keepalive: true });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const local = JSON.parse(desk.store.get(place(which)) || "null");
      if (local?.body === text) desk.store.set(place(which), "");
      status(data.saved);
    } catch {
      dirty = true;
      status(data.kept, true);
      timer = setTimeout(save, 8000);
    }
  }
  const later = () => (saving = save());

  const changed = () => {
    dirty = true;
    mirror();
    clearTimeout(timer);
    timer = setTimeout(later, 800);
  };
  editor.addEventListener("input", changed);
  editor.addEventListener("blur", later);
  addEventListener("pagehide", () => {
    if (dirty && !sending) navigator.sendBeacon(data.draftUrl, body());
  });
  addEventListener("online", () => dirty && later());

  // What this device kept and the server does not have comes back, when it is newer.
  function restore(which, field) {
    const local = JSON.parse(desk.store.get(place(which)) || "null");
    if (!local) return;
    const newer = local.at > (Date.parse(data.savedAt) || 0);
    if (newer && local.body && local.body !== field.value) {
      field.value = local.body;
      if (field === editor) {
        dirty = true;
        status(data.restored);
        timer = setTimeout(later, 800);
      }
    } else if (!newer || local.body === field.value) desk.store.set(place(which), "");
  }
  restore(now, editor);
  restore(now === "reply" ? "note" : "reply", other);

  // Reply and note keep a text each.
  function choose(which, focus = true) {
    const radio = document.getElementById(`kind-${which}`);
    if (!radio) return false;
    if (which !== now) {
      later();
      radio.checked = true;
      now = which;
      const text = editor.value;
      editor.value = other.value;
      other.value = text;
      editor.placeholder = which === "note" ? editor.dataset.noteWords : editor.dataset.replyWords;
      status("");
    }
    if (focus) {
      editor.focus();
      editor.setSelectionRange(editor.value.length, editor.value.length);
    }
    return true;
  }
  form.addEventListener("change", (event) => {
    if (event.target.name === "kind") choose(event.target.value);
    if (event.target === files) list();
    if (event.target.name === "do") {
      event.target.parentNode.remove();
      changed();
      later();
    }
  });
  desk.on("reply", () => choose("reply"));
  desk.on("note", () => choose("note"));
  desk.on("send", () => {
    const button = [...form.querySelectorAll("[data-act=send]")].find((one) => one.checkVisibility());
    form.requestSubmit(button);
  });

  function list() {
    const names = [...files.files].map((file) => Object.assign(document.createElement("li"), { textContent: file.name }));
    chosen.replaceChildren(...names);
    chosen.hidden = !names.length;
  }
  function add(more) {
    if (!more.length) return;
    const all = new DataTransfer();
    for (const file of [...files.files, ...more]) all.items.add(file);
    files.files = all.files;
    list();
  }
  form.addEventListener("dragover", (event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
  form.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    add(event.dataTransfer.files);
  });
  editor.addEventListener("paste", (event) => event.clipboardData.files.length && add(event.clipboardData.files));

  // The insert menu comes when it is wanted; / at a line's start opens it.
  const canned = document.getElementById("canned");
  if (canned) {
    const find = document.getElementById("canned-find");
    desk.on("canned", () => (canned.open = true));
    canned.addEventListener("toggle", async () => {
      const { insert } = await import("./canned.js");
      insert(canned, form, editor, { changed, later, failed: () => notice(document.body.dataset.failed) });
    }, { once: true });
    editor.addEventListener("keydown", (event) => {
      const at = editor.selectionStart;
      if (event.key !== "/" || event.isComposing || at !== editor.selectionEnd || (at && editor.value[at - 1] !== "\n")) return;
      event.preventDefault();
      canned.dataset.slash = "1";
      canned.open = true;
      find.focus();
    });
    find.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  }

  const news = form.querySelector("[data-part=composer-news]");
  function notice(text, label, act) {
    const box = Object.assign(document.createElement("div"), { className: "notice warn" });
    box.setAttribute("role", "alert");
    box.append(Object.assign(document.createElement("span"), { textContent: text }));
    if (label) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: label });
      button.addEventListener("click", act);
      box.append(button);
    }
    news.replaceChildren(box);
  }

  // Something public came in: nobody sends past it without having seen it.
  document.addEventListener("desk:thread", ({ detail }) => {
    if (sending) return;
    const field = form.elements.last_seq;
    if (!editor.value.trim()) field.value = detail.seq;
    else if (detail.grown)
      notice(data.fresh, data.show, () => {
        thread.scrollTop = thread.scrollHeight;
        thread.lastElementChild.scrollIntoView({ block: "nearest" });
        field.value = detail.seq;
        news.replaceChildren();
        editor.focus();
      });
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending || (!editor.value.trim() && !files.files.length)) return editor.focus();
    sending = true;
    clearTimeout(timer);
    mirror();
    await saving;
    form.setAttribute("aria-busy", "true");
    const result = await desk.post(form.action, new FormData(form, event.submitter));
    form.removeAttribute("aria-busy");
    if (result.ok) {
      desk.store.set(place(now), "");
      dirty = false;
      if (result.away) return;
      editor.value = "";
      files.value = "";
      form.querySelector(".kept:not(.acts)")?.remove();
      document.getElementById("acts").replaceChildren();
      list();
      status("");
      if (!document.querySelector(".toasts .toast")) desk.toast(now === "note" ? data.noted : data.sent);
      thread.scrollTop = thread.scrollHeight;
    } else if (!result.merged) notice(data.unsent);
    else thread.scrollTop = thread.scrollHeight;
    sending = false;
    dirty = !result.ok;
    form.querySelector(".menu[open]")?.removeAttribute("open");
  });
}
