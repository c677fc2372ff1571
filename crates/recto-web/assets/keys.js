// The keys of every page. The viewer adds its own.
const dialog = document.getElementById("keys");
document.getElementById("show-keys")?.addEventListener("click", () => dialog.showModal());
document.getElementById("project")?.addEventListener("change", (event) => event.target.form.requestSubmit());

let afterG = false;
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
  if (event.target.closest("input, select, textarea")) return;
  if (afterG && event.key === "b") location.href = "/batches";
  afterG = event.key === "g";
  if (event.key === "?") dialog.showModal();
  if (event.key === "u") {
    const files = document.getElementById("files");
    if (files) files.click();
    else location.href = "/batches";
  }
});
