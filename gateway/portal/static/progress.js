// Keeps the bar of long work up to date; without this module 「いまの状況を見る」 does the same.
const place = document.querySelector("[data-progress]");
const bar = document.getElementById("how-far");
const said = document.getElementById("how-far-said");
let spoken = 0;
async function look() {
  const answer = await fetch(place.dataset.progress, { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.ok) {
    const now = await answer.json();
    if (!now.working) { location.reload(); return; }
    bar.max = now.expected;
    if (now.read) bar.value = now.read;
    // Read aloud at most every ten seconds.
    if (Date.now() - spoken > 10000) { said.textContent = now.said; spoken = Date.now(); }
  }
  setTimeout(look, 1500);
}
if (place) setTimeout(look, 1000);
