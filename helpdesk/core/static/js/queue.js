// The queue by keyboard: one current row, which focus follows.
const desk = globalThis.desk;
const rows = () => [...document.querySelectorAll("#list .tk")];
let last = 0;

function go(row, focus = true) {
  for (const old of document.querySelectorAll(".tk.cur")) if (old !== row) old.classList.remove("cur");
  row.classList.add("cur");
  last = rows().indexOf(row);
  if (focus) {
    row.querySelector(".sub a").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
}

function step(by) {
  const all = rows();
  if (!all.length) return false;
  const current = all.findIndex((row) => row.classList.contains("cur"));
  const next = current < 0 ? (by > 0 && document.activeElement === document.body ? Math.min(last, all.length - 1) : 0) : current + by;
  if (next >= all.length) return desk.run("next-page");
  if (next >= 0) go(all[next]);
  return true;
}

desk.on("down", () => step(1));
desk.on("up", () => step(-1));
desk.on("open", () => false);
document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.(".tk");
  if (row) go(row, false);
});

// Back from a ticket: the row it was opened from is the current one again.
// After the load, because the browser drops the focus when it scrolls to the fragment.
addEventListener("pageshow", () => {
  const from = /^#t\d+$/.test(location.hash) && document.querySelector(location.hash);
  if (from) requestAnimationFrame(() => go(from));
});

// A selection: X chooses the current row, with shift everything from the last choice; the bar counts.
const boxes = () => [...document.querySelectorAll("#list .pick-row input")];
const bar = document.getElementById("bulk");
let from = -1;
function chosen() {
  if (!bar) return;
  const count = boxes().filter((box) => box.checked).length;
  const label = document.getElementById("picked");
  label.textContent = label.dataset.words.replace("{}", count);
}
function choose(range) {
  const row = document.querySelector(".tk.cur");
  const box = row?.querySelector(".pick-row input");
  if (!box) return false;
  const all = boxes();
  const at = all.indexOf(box);
  const on = !box.checked;
  if (range && from >= 0) for (const one of all.slice(Math.min(from, at), Math.max(from, at) + 1)) one.checked = true;
  else box.checked = on;
  from = at;
  chosen();
  return true;
}
desk.on("choose", () => choose(false));
desk.on("choose-range", () => choose(true));
for (const [id, act] of [["assign", "bulk-assign"], ["tags", "bulk-tag"], ["snooze", "bulk-snooze"], ["resolve", "bulk-resolve"]])
  desk.on(`list-${id}`, () => boxes().some((box) => box.checked) && desk.run(act));
document.addEventListener("change", (event) => {
  if (event.target.closest?.(".pick-row")) chosen();
  if (event.target.name === "all" && event.target.checked) for (const box of boxes()) box.checked = true;
});
document.addEventListener("desk:list", chosen);
addEventListener("pageshow", chosen);
