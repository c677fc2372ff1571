// Adds rows for fields, and tries what is typed on the chosen document while it is typed.
const form = document.getElementById("template");
const rows = document.getElementById("rows");

document.getElementById("add")?.addEventListener("click", () => {
  const index = rows.children.length;
  const row = rows.lastElementChild.cloneNode(true);
  for (const element of row.querySelectorAll("[id], [name], [for]")) {
    if (element.id) element.id = element.id.replace(/\d+$/, index);
    if (element.name) element.name = element.name.replace(/\d+$/, index);
    if (element.htmlFor) element.htmlFor = element.htmlFor.replace(/\d+$/, index);
    if (element.type === "checkbox") element.checked = false;
    else if (element.matches("input, textarea")) element.value = "";
  }
  row.querySelector(".tried").replaceChildren();
  rows.append(row);
  row.querySelector("input").focus();
});

let waiting;
let running = 0;
async function trial() {
  if (!document.getElementById("record")?.value || !document.getElementById("viewer")) return;
  const mine = (running += 1);
  const body = new URLSearchParams(new FormData(form));
  body.set("act", "try");
  const answer = await fetch(form.action, { method: "POST", body });
  if (!answer.ok || answer.redirected || mine !== running) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const names = (root) => [...root.querySelectorAll("#rows > li")].map((row) => [row.querySelector("input").value.trim(), row.querySelector(".tried")]);
  const found = new Map(names(page));
  for (const [name, cell] of names(document)) cell.replaceChildren(...(name && found.get(name)?.childNodes) || []);
}
form.addEventListener("input", (event) => {
  if (event.target.id === "record") return;
  clearTimeout(waiting);
  waiting = setTimeout(trial, 500);
});
document.getElementById("record")?.addEventListener("change", () => document.getElementById("try").click());
