// How a text looks, while it is typed: the server fills it in. Without this the button beside it does the same.
const desk = globalThis.desk;
const form = document.querySelector("form[data-preview]");
let waiting;
let asked = 0;
form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(show, 350);
});
async function show() {
  const mine = ++asked;
  try {
    const answer = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form), headers: { "X-Fragment": "1" } });
    if (answer.ok && mine === asked) desk.apply(desk.parse(await answer.text()));
  } catch {
    // offline: the page says so already
  }
}
