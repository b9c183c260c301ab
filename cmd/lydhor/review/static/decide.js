// Reviewing flags with one key each. What is decided shows at once; the server's answer then
// takes its place.
"use strict";

const recording = location.pathname;
const made = []; // the turns decided on since the page came, for undoing
const before = new Map(); // what flags said before they were decided on, by turn
let awaited = null; // the turn whose new flag is to be gone to

placed = (address, turn, html) => {
  if (address !== recording) return;
  const at = byId(`t${turn}`);
  before.delete(String(turn));
  const old = at.querySelector(".flag");
  const had = document.activeElement === old;
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(".flag");
  const chosen = old?.matches(".chosen");
  if (fresh && old) old.replaceWith(fresh);
  else if (fresh) at.append(fresh);
  else old?.remove();
  if (fresh && chosen) {
    fresh.classList.add("chosen");
    offer(fresh);
  }
  if (had) fresh?.focus({ preventScroll: true });
  if (fresh && turn === awaited) goToFlag(fresh);
  at.classList.toggle("flagged", Boolean(fresh));
  mark(turn, at, fresh);
  count();
};

// A decision that was refused shows no more, and its comment can be mended.
returned = (address, turn, fields) => {
  const flag = byId(`flag${turn}`);
  if (address !== recording || !flag) return;
  flag.classList.remove("pending");
  if (before.has(turn)) flag.querySelector(".what").replaceChildren(...before.get(turn));
  if (fields.do === "note") {
    goToFlag(flag);
    comment();
    form.elements.note.value = fields.note;
  }
  count();
};

// The one form stands in the flag that is chosen.
const form = byId("decide").content.firstElementChild;
byId("turns").addEventListener("chosen", (event) => offer(event.target));

function offer(flag) {
  form.querySelector("[value=confirm]").hidden = !flag.dataset.outcome;
  form.querySelector("[value=undo]").hidden = !flag.matches(".has-decision");
  form.elements.note.value = flag.querySelector(".note")?.textContent ?? "";
  form.querySelector(".comment").open = false;
  flag.append(form);
}

// mark keeps the map in step with a turn's flag.
function mark(turn, at, fresh) {
  const map = byId("map");
  let marker = map.querySelector(`[data-turn="${turn}"]`);
  if (!fresh?.dataset.outcome) return marker?.remove();
  if (!marker) {
    const make = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
    marker = map.insertBefore(make("svg"), byId("now"));
    const place = { "data-turn": turn, x: `${100 * at.dataset.start / map.dataset.length}%`, y: 3, overflow: "visible" };
    for (const name in place) marker.setAttribute(name, place[name]);
    const use = marker.appendChild(make("use"));
    for (const [name, value] of [["x", -6], ["width", 12], ["height", 12]]) use.setAttribute(name, value);
  }
  marker.setAttribute("class", `outcome ${fresh.dataset.outcome}`);
  marker.firstElementChild.setAttribute("href", `#${fresh.dataset.outcome}`);
}

function count() {
  const said = byId("reviewed");
  const done = flags().filter((f) => f.matches(".decided, .pending")).length;
  said.hidden = flags().length === 0;
  said.textContent = said.dataset.said.replace("{}", done).replace("{}", flags().length);
}

// decide sends an act on a flag's turn. Those that decide it go on to the next.
function decide(flag, act, fields = {}) {
  if (!flag) return;
  if (act === "confirm" && !flag.dataset.outcome) return;
  const settles = !["undo", "note", "deciding"].includes(act);
  if (settles) {
    flag.classList.add("pending");
    const label = form.querySelector(`[value="${act}"] .outcome`);
    if (!before.has(flag.dataset.turn)) before.set(flag.dataset.turn, [...flag.querySelector(".what").childNodes]);
    if (label) flag.querySelector(".what").replaceChildren(label.cloneNode(true));
  }
  if (act !== "undo") made.push(flag.dataset.turn);
  decideOn(recording, flag.dataset.turn, { do: act, ...fields });
  count();
  if (settles) goToFlag(undecided(flag));
}

// undecided is the next flag after one that nobody has decided.
function undecided(after) {
  const all = flags();
  return all.slice(all.indexOf(after) + 1).find((f) => !f.matches(".decided, .pending"));
}

function missed() {
  if (!here || here.querySelector(".flag")) return;
  awaited = here.id.slice(1);
  made.push(awaited);
  decideOn(recording, awaited, { do: "meaning" });
}

function undo() {
  const flag = byId(`flag${made.pop()}`) ?? chosen();
  if (!flag) return;
  goToFlag(flag);
  decide(flag, "undo");
}

byId("turns").addEventListener("submit", (event) => {
  event.preventDefault();
  decide(form.closest(".flag"), event.submitter.value, { note: form.elements.note.value });
});

function comment() {
  const box = chosen()?.querySelector(".comment");
  if (!box) return;
  box.open = true;
  box.querySelector("textarea").focus();
}

byId("turns").addEventListener("keydown", (event) => {
  if (!event.target.matches("textarea")) return;
  if (event.key === "Escape" || (event.key === "Enter" && event.ctrlKey)) {
    const flag = event.target.closest(".flag");
    if (event.key === "Enter") decide(flag, "note", { note: event.target.value });
    flag.focus({ preventScroll: true });
  }
});

const outcomes = ["gripped", "gripped_late", "overheard", "overridden", "open"];
outcomes.forEach((outcome, i) => { keys[i + 1] = () => decide(chosen(), outcome); });
keys.Enter = () => decide(chosen(), "confirm");
keys.x = () => decide(chosen(), "not_meaning");
keys.d = () => decide(chosen(), "deciding", { deciding: here?.id.slice(1) });
keys.m = missed;
keys.k = comment;
keys.s = () => goToFlag(undecided(chosen()));
keys.u = undo;
