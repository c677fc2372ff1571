// Makes the form a drop zone: files from anywhere, checked before they go, sent in batches with their progress shown.
const form = document.getElementById("send");
const list = document.getElementById("sending");
const said = document.getElementById("said");
const input = document.getElementById("files");
const limit = Number(form.dataset.limit);
const most = Number(form.dataset.most);
const types = form.dataset.types.split(",");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send([...input.files]);
});

function choose(attributes) {
  const chooser = Object.assign(document.createElement("input"), { type: "file", multiple: true });
  for (const [name, value] of Object.entries(attributes)) chooser.setAttribute(name, value);
  chooser.addEventListener("change", () => send([...chooser.files]));
  chooser.click();
}
document.getElementById("folder").addEventListener("click", () => choose({ webkitdirectory: "" }));
document.getElementById("camera").addEventListener("click", () => choose({ accept: "image/*", capture: "environment" }));

const brings = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragover", (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  document.body.classList.add("dropping");
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("dropping");
});
addEventListener("drop", async (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  document.body.classList.remove("dropping");
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.());
  const plain = [...event.dataTransfer.files];
  const found = entries.some((entry) => entry?.isDirectory) ? await Promise.all(entries.map(inside)) : plain;
  send(found.flat(Infinity));
});
addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (files.length > 0) send(files);
});

// All files of a dropped entry.
async function inside(entry) {
  if (!entry) return [];
  if (entry.isFile) return new Promise((found, failed) => entry.file(found, failed));
  const reader = entry.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((found, failed) => reader.readEntries(found, failed));
    if (some.length === 0) return Promise.all(all.map(inside));
    all.push(...some);
  }
}

// Why a file cannot be read, before it is sent.
function problem(file) {
  const name = file.name.toLowerCase();
  if (file.size === 0) return "is empty";
  if (file.size > limit) return `is too large: ${mebibytes(file.size)}; the limit is ${mebibytes(limit)}`;
  const isKnown = types.some((type) => name.endsWith(type)) || /^(image\/|application\/pdf)/.test(file.type);
  return isKnown ? null : "cannot be read: it is not a PDF, PNG, JPEG, TIFF, WebP, HEIC, AVIF, JPEG 2000, BMP, GIF or PNM file";
}

const mebibytes = (bytes) => `${(bytes / 1048576).toFixed(1)} MiB`;

function row(file) {
  const item = document.createElement("li");
  const name = Object.assign(document.createElement("bdi"), { textContent: file.name });
  const word = Object.assign(document.createElement("span"), { className: "word" });
  item.append(name, word);
  list.append(item);
  return { item, word, file };
}

async function send(files) {
  if (files.length === 0) return;
  list.replaceChildren();
  const good = [];
  for (const file of files) {
    const shown = row(file);
    const wrong = problem(file);
    shown.item.classList.toggle("wrong", wrong !== null);
    shown.word.textContent = wrong ?? "waiting to be sent";
    if (!wrong) good.push(shown);
  }
  const refused = files.length - good.length;
  const ids = [];
  for (let start = 0; start < good.length; start += most) {
    const part = good.slice(start, start + most);
    said.textContent = `Sending ${good.length} of ${files.length} files.`;
    try {
      ids.push(await sendBatch(part, good.length > most ? start / most + 1 : 0));
    } catch (error) {
      said.textContent = `The files were not accepted: ${error.message}.`;
      for (const { word } of part) word.textContent = "not sent";
      return;
    }
  }
  if (refused === 0 && ids.length > 0) location.href = ids.length === 1 ? `/batches/${ids[0]}` : "/batches";
  else if (ids.length === 0) said.textContent = "None of these files can be read. Nothing was sent.";
  else finished(ids, refused);
}

function finished(ids, refused) {
  const link = Object.assign(document.createElement("a"), { textContent: "Open the batch" });
  link.href = ids.length === 1 ? `/batches/${ids[0]}` : "/batches";
  said.replaceChildren(refused === 1 ? "1 file was left out; the others were sent. " : `${refused} files were left out; the others were sent. `, link);
}

function sendBatch(part, number) {
  const body = new FormData();
  for (const field of form.querySelectorAll("[name]")) {
    // A password may begin or end with a blank.
    const value = field.type === "password" ? field.value : field.value.trim();
    if (field.type !== "file" && value) body.append(field.name, value);
  }
  if (number > 0 && body.get("name")) body.set("name", `${body.get("name")} (${number})`);
  for (const { file } of part) body.append("files", file, file.name);
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => showProgress(part, event));
    request.addEventListener("load", () => {
      let answer = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        // What is no JSON has no message; the status stands for it.
      }
      if (request.status === 201) {
        for (const { word } of part) word.textContent = "sent";
        done(answer.id);
      } else failed(new Error([answer.message ?? `the server answered ${request.status}`].flat().join("; ")));
    });
    request.addEventListener("error", () => failed(new Error("the connection was lost")));
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  });
}

// Files go one after another in one request: how much has gone tells how much of each.
function showProgress(part, event) {
  let before = 0;
  const gone = event.total > 0 ? event.loaded / event.total : 0;
  const all = part.reduce((sum, { file }) => sum + file.size, 0);
  for (const { file, word } of part) {
    const share = Math.min(1, Math.max(0, (gone * all - before) / file.size));
    word.textContent = share >= 1 ? "sent" : share > 0 ? `${Math.round(share * 100)} %` : "waiting to be sent";
    before += file.size;
  }
}
