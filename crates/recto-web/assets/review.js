// The queue by keyboard: Enter accepts a field and goes to the next, after the last one to the next document.
const form = document.getElementById("review");
const answers = [...(form?.querySelectorAll(".answer") ?? [])];

// A field takes letters only while it is edited; otherwise they are keys.
function rest(input) {
  input.readOnly = true;
}

function edit(input) {
  input.readOnly = false;
  input.focus();
  input.select();
}

function accept(input) {
  rest(input);
  const next = answers[answers.indexOf(input) + 1];
  input.closest("li").classList.add("accepted");
  if (next) next.focus();
  else form.requestSubmit();
}

for (const input of answers) {
  rest(input);
  input.addEventListener("pointerup", () => { input.readOnly = false; });
  input.addEventListener("blur", () => rest(input));
  input.addEventListener("focus", () => input.closest("li").scrollIntoView({ block: "nearest" }));
}
answers[0]?.focus();

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat || event.target.closest("dialog[open]")) return;
  const input = answers.includes(document.activeElement) ? document.activeElement : null;
  if (event.key === "Enter" && input) {
    event.preventDefault();
    accept(input);
  } else if (event.key === "Escape" && input) {
    if (!input.readOnly) input.value = input.defaultValue;
    rest(input);
  } else if (event.target.closest("input:not([readonly]), select, textarea")) {
    return;
  } else if (event.key === "Enter" && event.target === document.body) {
    form?.requestSubmit();
  } else if (event.key === "e") {
    event.preventDefault();
    const first = input ?? answers[0];
    if (first) edit(first);
  } else if (event.key === "s") {
    document.getElementById("skip")?.click();
  } else if (event.key === "z") {
    document.getElementById("undo")?.click();
  }
});
document.getElementById("edit")?.addEventListener("click", () => {
  const first = answers.find((input) => !input.closest("li").classList.contains("accepted")) ?? answers[0];
  if (first) edit(first);
});
