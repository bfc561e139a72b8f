// At a desk every key and touch counts; after 40 seconds of nothing it says what is about to happen, after 60 it ends.
const form = document.getElementById("desk-signal");
const said = document.getElementById("desk-said");
const LONGEST = 60, WARNED = 40;
let touched = Date.now(), told = touched;
const tell = (what) => {
  const body = new URLSearchParams(new FormData(form));
  body.set("what", what);
  return fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
};
const touch = () => {
  touched = Date.now();
  said.hidden = true;
  if (touched - told < 1000) return;
  told = touched;
  tell("touched");
};
if (form) for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, touch, { passive: true });
setInterval(() => {
  if (!form) return;
  const left = LONGEST - Math.floor((Date.now() - touched) / 1000);
  if (left <= 0) location.replace("/desk/ended");
  else if (left <= LONGEST - WARNED && said.hidden) {
    said.hidden = false;
    said.querySelector("b").textContent = `${left}秒後にこの方の手続きを終えます`;
  }
}, 1000);
// The receipt is the last thing of a session: once it is printed, the terminal forgets everything.
const print = document.getElementById("print-receipt");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
  addEventListener("afterprint", () => tell("receipt").then(() => location.replace("/desk/ended")));
}
// What the browser kept of a page of somebody before is never shown again.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
