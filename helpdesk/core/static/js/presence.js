// Says that this ticket is open here, and whether somebody writes, every 15 seconds while the page is seen.
const form = document.getElementById("read");
const editor = document.getElementById("editor");
const { url } = document.getElementById("presence").dataset;
let typed = 0;
let told = "";
let timer;
const what = () => (Date.now() - typed < 30000 ? "writing" : "looking");
function body(is) {
  const data = new FormData(form);
  data.set("is", is);
  return data;
}
function beat() {
  clearTimeout(timer);
  timer = setTimeout(beat, 15000);
  if (document.visibilityState !== "visible") return;
  told = what();
  fetch(url, { method: "POST", body: body(told) }).catch(() => {});
}
function leave() {
  clearTimeout(timer);
  if (told) navigator.sendBeacon(url, body("gone"));
  told = "";
}
editor?.addEventListener("input", () => {
  typed = editor.value.trim() ? Date.now() : 0;
  if (told !== what()) beat();
});
document.addEventListener("visibilitychange", beat);
addEventListener("pagehide", leave);
addEventListener("pageshow", (event) => event.persisted && beat());
beat();
