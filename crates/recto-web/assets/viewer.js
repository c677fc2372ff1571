// The picture of a page with its words over it: to select, to find, to look at closely.
const viewer = document.getElementById("viewer");
const sheet = document.getElementById("sheet");
const overlay = document.getElementById("overlay");
const desk = document.getElementById("desk");
const width = Number(viewer.dataset.width);
const height = Number(viewer.dataset.height);
const page = Number(viewer.dataset.page);
const by = (id) => document.getElementById(id);
const isWord = (span) => span.classList.contains("word");

let zoom = 1;
let quarter = 0;

// A span for each word, set over its ink; a line break after each line, so that what is copied reads as on paper.
function lay(read) {
  for (const block of read.blocks ?? []) {
    for (const line of block.lines ?? []) {
      const row = document.createElement("div");
      row.dir = "auto";
      for (const [index, word] of line.words.entries()) {
        if (index > 0) row.append(" ");
        row.append(spanOf(word, line.angle ?? 0));
      }
      overlay.append(row);
    }
  }
}

function spanOf(word, angle) {
  const span = document.createElement("span");
  span.className = "word";
  span.textContent = word.text;
  span.dataset.sure = word.confidence >= 0.9 ? "yes" : word.confidence >= 0.6 ? "rather" : "no";
  span.ink = inkOf(word.bbox, angle);
  return span;
}

// The box of a word along its slanted line, before it is turned around its middle: the box around it is upright.
function inkOf([x, y, w, h], angle) {
  const turn = (angle * Math.PI) / 180;
  const [cos, sin] = [Math.abs(Math.cos(turn)), Math.abs(Math.sin(turn))];
  const both = cos * cos - sin * sin;
  const [along, across] = [(w * cos - h * sin) / both, (h * cos - w * sin) / both];
  // Of a line at about 45 degrees, and of a word whose box is not that of its ink, this says nothing.
  if (!angle || Math.abs(both) < 0.2 || along <= 0 || across < Math.min(w, h) / 8) return { x, y, w, h, angle: 0 };
  return { x: x + (w - along) / 2, y: y + (h - across) / 2, w: along, h: across, angle };
}

// Sets every word to the size of the sheet on the screen.
function arrange() {
  const isTurned = quarter % 2 === 1;
  const room = desk.clientWidth - 2;
  const scale = (room / (isTurned ? height : width)) * zoom;
  const [wide, high] = [width * scale, height * scale];
  sheet.style.width = `${wide}px`;
  sheet.style.height = `${high}px`;
  const shift = [[0, 0], [high, 0], [wide, high], [0, wide]][quarter];
  sheet.style.transform = `translate(${shift[0]}px, ${shift[1]}px) rotate(${quarter * 90}deg)`;
  sheet.style.marginBottom = isTurned ? `${wide - high}px` : "0";
  const words = [...overlay.querySelectorAll(".word")];
  for (const span of words) {
    const { x, y, h } = span.ink;
    span.style.left = `${x * scale}px`;
    span.style.top = `${y * scale}px`;
    span.style.height = `${h * scale}px`;
    span.style.lineHeight = `${h * scale}px`;
    span.style.fontSize = `${h * scale}px`;
    span.style.transform = "none";
  }
  const natural = words.map((span) => span.offsetWidth);
  for (const [index, span] of words.entries()) {
    const { w, h, angle } = span.ink;
    if (natural[index] === 0) continue;
    // Around the middle of the word, which lies half of its natural size away from its corner.
    const turned = angle ? `translate(${(w * scale) / 2}px, ${(h * scale) / 2}px) rotate(${angle}deg) translate(${(-w * scale) / 2}px, ${(-h * scale) / 2}px) ` : "";
    span.style.transform = `${turned}scaleX(${(w * scale) / natural[index]})`;
  }
  const mark = overlay.querySelector(".mark-box");
  if (mark) place(mark, JSON.parse(mark.dataset.box), scale);
}

function place(mark, [x, y, w, h], scale) {
  Object.assign(mark.style, {
    left: `${x * scale - 3}px`, top: `${y * scale - 3}px`, width: `${w * scale + 6}px`, height: `${h * scale + 6}px`,
  });
}

function point(box) {
  overlay.querySelector(".mark-box")?.remove();
  const mark = Object.assign(document.createElement("div"), { className: "mark-box" });
  mark.dataset.box = JSON.stringify(box);
  overlay.append(mark);
  arrange();
  mark.scrollIntoView({ block: "center", inline: "center" });
}

addEventListener("click", (event) => {
  const button = event.target.closest?.(".show");
  if (!button) return;
  if (Number(button.dataset.page) === page) point(JSON.parse(button.dataset.bbox));
  else {
    const query = new URLSearchParams(location.search);
    query.set("page", button.dataset.page);
    location.href = `?${query}#box=${encodeURIComponent(button.dataset.bbox)}`;
  }
});

for (const button of document.querySelectorAll(".copy-table")) {
  button.addEventListener("click", async () => {
    const rows = cellsOf(button.previousElementSibling.querySelector("table"));
    await navigator.clipboard.writeText(rows.map((row) => Array.from(row, (text) => text ?? "").join("\t")).join("\n"));
    button.textContent = "Copied";
  });
  button.hidden = false;
}

// The texts of a table by row and column; a cell that reaches into others leaves them empty.
function cellsOf(table) {
  const rows = [...table.rows].map(() => []);
  for (const [down, row] of [...table.rows].entries()) {
    for (const cell of row.cells) {
      let right = 0;
      while (rows[down][right] !== undefined) right += 1;
      for (const reached of rows.slice(down, down + cell.rowSpan)) {
        for (let n = 0; n < cell.colSpan; n += 1) reached[right + n] = "";
      }
      rows[down][right] = cell.textContent.replace(/[\t\r\n]+/g, " ");
    }
  }
  return rows;
}

// The field that is being corrected takes the words that are clicked: the first in place of its value, others after it.
let taking = null;
let isFirst = true;
for (const input of document.querySelectorAll(".correct input[name=value], .takes-words")) {
  input.addEventListener("focus", () => {
    if (taking !== input) isFirst = true;
    taking = input;
  });
  input.closest(".correct")?.addEventListener("toggle", (event) => {
    if (event.target.open) input.focus();
    else if (taking === input) taking = null;
  });
}
overlay.addEventListener("click", (event) => {
  if (!taking || !isWord(event.target) || !getSelection().isCollapsed) return;
  const isLabel = taking.classList.contains("takes-words");
  const between = isLabel && isFirst ? "\n" : " ";
  taking.value = isFirst && !isLabel || !taking.value ? event.target.textContent : `${taking.value}${between}${event.target.textContent}`;
  isFirst = false;
  if (isLabel) taking.rows = taking.value.split("\n").length;
  if (isLabel) taking.dispatchEvent(new Event("input", { bubbles: true }));
});

function find(sought) {
  const wanted = sought.trim().toLocaleLowerCase();
  let found = 0;
  for (const row of overlay.querySelectorAll("div:not(.mark-box)")) {
    const spans = [...row.children].filter(isWord);
    for (const span of spans) span.classList.remove("hit");
    if (!wanted) continue;
    const text = spans.map((span) => span.textContent).join(" ").toLocaleLowerCase();
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      found += 1;
      let start = 0;
      for (const span of spans) {
        const end = start + span.textContent.length;
        if (start < at + wanted.length && end > at) span.classList.add("hit");
        start = end + 1;
      }
    }
  }
  by("found").textContent = wanted ? `${found} found` : "";
  overlay.querySelector(".hit")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

const zoomBy = (factor) => {
  zoom = Math.min(8, Math.max(0.25, zoom * factor));
  arrange();
};
const acts = {
  larger: () => zoomBy(1.25),
  smaller: () => zoomBy(0.8),
  fit: () => { zoom = 1; arrange(); },
  turn: () => { quarter = (quarter + 1) % 4; arrange(); },
  heat: () => by("heat").setAttribute("aria-pressed", String(overlay.classList.toggle("heat"))),
};
for (const [id, act] of Object.entries(acts)) by(id).addEventListener("click", act);
by("find").addEventListener("input", (event) => {
  by("hits")?.remove();
  find(event.target.value);
});
addEventListener("resize", arrange);

const keys = { "+": "larger", "=": "larger", "-": "smaller", 0: "fit", r: "turn", h: "heat" };
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog[open]")) return;
  if (keys[event.key]) acts[keys[event.key]]();
  else if (event.key === "f") {
    event.preventDefault();
    by("find").focus();
  } else if (event.key === "j") viewer.querySelector("[rel=next]")?.click();
  else if (event.key === "k") viewer.querySelector("[rel=prev]")?.click();
});

// Last, so that buttons and keys work while the words are on their way.
arrange();
const answer = await fetch(viewer.dataset.words, { headers: { Accept: "application/json" } });
if (answer.ok && !answer.redirected) {
  const read = await answer.json();
  if (read) lay(read);
}
arrange();
// The server has marked what it found; its phrases and stars mean nothing here.
if (!by("hits")) find(by("find").value);
const asked = new URLSearchParams(location.hash.slice(1)).get("box");
if (asked) point(JSON.parse(asked));
else document.querySelector("#hits rect")?.scrollIntoView({ block: "nearest", inline: "nearest" });
