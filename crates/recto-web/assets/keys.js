// The keys of every page. The viewer adds its own.
const dialog = document.getElementById("keys");
document.getElementById("show-keys")?.addEventListener("click", () => dialog.showModal());
for (const select of document.querySelectorAll(".switch select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

const places = { b: "/batches", r: "/review", t: "/templates", s: "/settings" };
let afterG = false;
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
  if (event.target.closest("input:not([readonly]), select, textarea")) return;
  if (afterG && places[event.key]) {
    // What the page itself does on this key is not meant.
    event.stopImmediatePropagation();
    location.href = places[event.key];
  }
  afterG = event.key === "g";
  if (event.key === "?") dialog.showModal();
  if (event.key === "/") {
    event.preventDefault();
    const box = document.getElementById("q");
    if (box) box.focus();
    else location.href = "/search";
  }
  if (event.key === "u") {
    const files = document.getElementById("files");
    if (files) files.click();
    else location.href = "/batches";
  }
});
