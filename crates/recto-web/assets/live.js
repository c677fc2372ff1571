// Keeps the part of the page marked with data-live as the server would write it now, while a batch is being read.
import { relative } from "./times.js";

let source;

// Takes over the parts that differ, so that focus and pictures stay where nothing changed.
function takeOver(from, to) {
  keepPictures(from, to);
  const fresh = [...from.querySelectorAll("[data-part]")];
  const old = new Map([...to.querySelectorAll("[data-part]")].map((part) => [part.id, part]));
  if (fresh.length !== old.size || fresh.some((part) => !old.has(part.id))) {
    to.replaceChildren(...from.childNodes);
    return;
  }
  for (const part of fresh) {
    const there = old.get(part.id);
    if (part.innerHTML !== there.innerHTML) there.replaceWith(part);
  }
}

// Links to pictures are signed anew each time; a picture that is there already need not be fetched again.
function keepPictures(from, to) {
  const path = (image) => new URL(image.src, location).pathname;
  const known = new Map([...to.querySelectorAll("img")].map((image) => [path(image), image.getAttribute("src")]));
  for (const image of from.querySelectorAll("img")) {
    const kept = known.get(path(image));
    if (kept) image.setAttribute("src", kept);
  }
}

async function refresh() {
  const live = document.querySelector("[data-live]");
  const answer = await fetch(location.href);
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const from = page.querySelector("[data-live]");
  if (!from) return;
  relative(from);
  const before = live.dataset.events;
  if (from.dataset.events) live.dataset.events = from.dataset.events;
  else delete live.dataset.events;
  takeOver(from, live);
  if (live.dataset.events !== before) listen();
}

function listen() {
  source?.close();
  const live = document.querySelector("[data-live]");
  if (!live?.dataset.events) return;
  source = new EventSource(live.dataset.events);
  let isBusy = false;
  let isStale = false;
  const changed = async () => {
    isStale = true;
    if (isBusy) return;
    isBusy = true;
    while (isStale) {
      isStale = false;
      await refresh();
      await new Promise((resume) => setTimeout(resume, 1000));
    }
    isBusy = false;
  };
  source.addEventListener("progress", changed);
  for (const end of ["completed", "failed"]) {
    source.addEventListener(end, () => {
      source.close();
      changed();
    });
  }
}

listen();
