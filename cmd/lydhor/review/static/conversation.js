// Sound beside the text: a click on a word plays it, the text follows the sound, and every
// move has a key. Words are not elements: their places are ranges in the text, marked with
// the CSS Custom Highlight API, so that four hours scroll as lightly as four minutes.
"use strict";

const sound = document.getElementById("sound");
let turns = [...document.querySelectorAll(".turn")];
const flags = () => [...document.querySelectorAll(".flag")];
const chosen = () => document.querySelector(".flag.chosen");
const byId = (id) => document.getElementById(id);
const checked = (id) => byId(id).checked;

sound?.removeAttribute("controls");
document.documentElement.classList.add("scripted");

// ---- words

// wordsOf gives [{node, from, to, at}] for every word of a turn, at in ms. Without word times
// they are spread evenly over the turn's letters.
function wordsOf(turn) {
  if (turn.words) return turn.words;
  const said = turn.querySelector(".said");
  const start = Number(turn.dataset.start), end = Number(turn.dataset.end);
  const times = said.dataset.times?.split(" ").map(Number);
  const words = [];
  let letters = 0;
  for (const node of said.childNodes) {
    if (node.nodeType !== Node.TEXT_NODE) continue;
    for (const m of node.data.matchAll(/\S+/g)) {
      words.push({ node, from: m.index, to: m.index + m[0].length, letters });
      letters += m[0].length + 1;
    }
  }
  let at = start;
  words.forEach((w, i) => {
    at += times ? 10 * times[i] : 0;
    w.at = times ? at : start + (end - start) * w.letters / letters;
  });
  turn.words = words;
  return words;
}

function wordUnder(event) {
  const turn = event.target.closest(".turn");
  if (!turn || !event.target.closest(".said")) return null;
  let node, offset;
  if (document.caretPositionFromPoint) {
    const at = document.caretPositionFromPoint(event.clientX, event.clientY);
    [node, offset] = [at?.offsetNode, at?.offset];
  } else {
    const at = document.caretRangeFromPoint(event.clientX, event.clientY);
    [node, offset] = [at?.startContainer, at?.startOffset];
  }
  return wordsOf(turn).find((w) => w.node === node && w.from <= offset && offset <= w.to) ?? null;
}

const lit = "Highlight" in window ? new Highlight() : null;
if (lit) CSS.highlights.set("word", lit);

function light(turn, ms) {
  lit?.clear();
  if (!turn || !lit) return;
  const word = wordsOf(turn).findLast((w) => w.at <= ms + 20);
  if (!word) return;
  const range = new Range();
  range.setStart(word.node, word.from);
  range.setEnd(word.node, word.to);
  lit.add(range);
}

// ---- place

let here = null; // the turn that is heard or was last gone to
let ms = 0; // the place in the recording

// turnAt finds the last turn that has begun at t; turns are sorted by their start.
function turnAt(t) {
  let low = 0, high = turns.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (Number(turns[mid].dataset.start) <= t) low = mid + 1;
    else high = mid;
  }
  return turns[low - 1] ?? null;
}

function show(t, follow) {
  ms = t;
  const turn = turnAt(t + 20);
  if (turn !== here) {
    here?.classList.remove("here");
    turn?.classList.add("here");
    here = turn;
    if (turn && follow) bringIntoView(turn);
  }
  light(turn, t);
  byId("clock").value = clock(t);
  const length = Number(byId("map").dataset.length) || 1;
  const x = `${100 * t / length}%`;
  byId("now").setAttribute("x1", x);
  byId("now").setAttribute("x2", x);
}

// bringIntoView scrolls only when el lies outside the middle of the window, and leaps where
// the way is long: whatever it glided over would have to be laid out.
function bringIntoView(el) {
  const box = el.getBoundingClientRect();
  const top = desk.getBoundingClientRect().bottom;
  if (box.top > top + 20 && box.bottom < innerHeight * 0.85) return;
  const way = box.top - top - (innerHeight - top) / 4;
  const leap = Math.abs(way) > 3 * innerHeight || matchMedia("(prefers-reduced-motion: reduce)").matches;
  scrollBy({ top: way, behavior: leap ? "auto" : "smooth" });
}

// A turn that is gone to by its address comes below the desk, however high that is.
const desk = document.querySelector(".desk");
new ResizeObserver(() => { document.documentElement.style.scrollPaddingTop = `${desk.offsetHeight + 12}px`; }).observe(desk);

function clock(t) {
  const s = Math.floor(t / 1000), two = (n) => String(n).padStart(2, "0");
  return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

function seek(t) {
  const length = Number(byId("map").dataset.length);
  t = Math.max(0, Math.min(t, length));
  if (sound) sound.currentTime = t / 1000;
  show(t, checked("follow"));
}

function goToTurn(turn) {
  if (!turn) return;
  seek(Number(turn.dataset.start));
  bringIntoView(turn);
}

function goToFlag(to) {
  if (!to) return;
  chosen()?.classList.remove("chosen");
  to.classList.add("chosen");
  to.dispatchEvent(new Event("chosen", { bubbles: true }));
  goToTurn(to.closest(".turn"));
  to.focus({ preventScroll: true });
  byId("count").textContent = `${flags().indexOf(to) + 1} / ${flags().length}`;
}

// step goes n flags on from the one chosen or, when the reader has left it, from the place
// of the sound.
function step(n) {
  const flag = chosen(), all = flags();
  if (flag && here?.contains(flag)) return goToFlag(all[all.indexOf(flag) + n]);
  const at = (f) => Number(f.closest(".turn").dataset.start);
  goToFlag(n > 0 ? all.find((f) => at(f) > ms) : all.findLast((f) => at(f) < ms));
}

// ---- sound

function play() {
  if (!sound) return;
  if (sound.paused) sound.play();
  else sound.pause();
}

// hear plays from a mark in the text on; asked again while that is heard, it stops.
function hear(from, until) {
  if (sound && !sound.paused && from <= ms && ms < until) return sound.pause();
  seek(from);
  sound?.play();
}

function speed(n) {
  const box = byId("speed");
  box.selectedIndex = Math.max(0, Math.min(box.selectedIndex + n, box.length - 1));
  box.dispatchEvent(new Event("change"));
}

function tick() {
  const t = sound.currentTime * 1000;
  const flag = checked("loop") ? chosen() : null;
  if (flag && t > Number(flag.dataset.until) + 300) {
    seek(Number(flag.closest(".turn").dataset.start));
  } else {
    show(t, checked("follow"));
  }
  if (!sound.paused) requestAnimationFrame(tick);
}

sound?.addEventListener("play", () => {
  document.body.classList.add("playing");
  tick();
});
sound?.addEventListener("pause", () => document.body.classList.remove("playing"));
sound?.addEventListener("seeked", () => sound.paused && show(sound.currentTime * 1000, false));

// ---- hands

const toggle = (id) => byId(id)?.click();
const turnBeside = (n) => turns[turns.indexOf(here) + n];
const keys = {
  " ": play,
  ArrowLeft: () => seek(ms - 3000),
  ArrowRight: () => seek(ms + 3000),
  ArrowUp: () => goToTurn(turnBeside(-1)),
  ArrowDown: () => goToTurn(turnBeside(1)),
  n: () => step(1),
  p: () => step(-1),
  l: () => toggle("loop"),
  c: () => toggle("all-pauses"),
  "+": () => speed(1),
  "-": () => speed(-1),
  "?": () => (byId("keys").open ? byId("keys").close() : byId("keys").showModal()),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const on = event.target;
  if (on.matches("input:not([type=checkbox]), textarea, select")) return;
  if ((event.key === " " || event.key === "Enter") && on.matches("button, summary, input, a")) return;
  if (byId("keys").open && event.key !== "?") return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

byId("turns").addEventListener("click", (event) => {
  const music = event.target.closest(".music");
  if (music) return hear(Number(music.dataset.at), Number(music.dataset.until));
  const word = wordUnder(event);
  if (word && getSelection().isCollapsed) seek(word.at);
  const time = event.target.closest("a.time");
  if (time) {
    event.preventDefault();
    goToTurn(time.closest(".turn"));
  }
});

byId("map").addEventListener("click", (event) => {
  const marker = event.target.closest("[data-turn]");
  if (marker) return goToFlag(byId(`flag${marker.dataset.turn}`));
  const box = byId("map").getBoundingClientRect();
  seek((event.clientX - box.left) / box.width * Number(byId("map").dataset.length));
  if (here) bringIntoView(here);
});

byId("play").addEventListener("click", play);
byId("previous").addEventListener("click", () => step(-1));
byId("next").addEventListener("click", () => step(1));
byId("keys-open").addEventListener("click", () => byId("keys").showModal());
byId("speed").addEventListener("change", (event) => { if (sound) sound.playbackRate = Number(event.target.value); });
byId("all-pauses")?.addEventListener("change", (event) => document.body.classList.toggle("all-pauses", event.target.checked));
byId("switch")?.addEventListener("click", () => {
  const root = document.documentElement;
  root.lang = root.lang === "da" ? "en" : "da";
});
if (!sound) byId("play").disabled = true;

// An address such as …#t12 opens the page at that turn.
const asked = document.getElementById(location.hash.slice(1));
if (asked?.matches(".turn")) sound?.addEventListener("loadedmetadata", () => goToTurn(asked), { once: true });
