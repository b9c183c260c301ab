// Correcting what the machine heard, at the turn and the word where the sound is. The page
// then shows the conversation as it reads now, at the same place.
"use strict";

const edit = byId("edit").content.firstElementChild;

async function correct(turn, change, fields = {}) {
  const data = new URLSearchParams({ key: newKey(), do: change, ...fields });
  if (turn) {
    data.set("turn", turn.id.slice(1));
    data.set("start", turn.dataset.start);
  }
  try {
    const answer = await fetch(`${recording}/corrections${location.search}`, { method: "POST", body: data });
    const page = await answer.text();
    if (!answer.ok) return refused(page);
    refusal = "";
    tell();
    renew(new DOMParser().parseFromString(page, "text/html"));
    return true;
  } catch {
    refusal = saving.dataset.refused.replace("{}", saving.dataset.offline);
    tell();
  }
}

// renew takes over what a fresh page shows; sound, place and keys stay.
function renew(page) {
  const scroll = scrollY;
  const was = chosen()?.dataset.turn;
  form.remove();
  for (const id of ["turns", "map", "speakers"]) byId(id).replaceChildren(...page.getElementById(id).childNodes);
  turns = [...document.querySelectorAll(".turn")];
  here = null;
  show(ms, false);
  count();
  const flag = byId(`flag${was}`);
  flag?.classList.add("chosen");
  if (flag) offer(flag);
  scrollTo(0, scroll);
}

// litAt is where the lit word of the turn here begins, in ms.
const litAt = () => Math.round(wordsOf(here).findLast((w) => w.at <= ms + 20)?.at);

function editText() {
  if (!here) return;
  edit.elements.to.value = [...here.querySelector(".said").childNodes].filter((n) => n.nodeType === Node.TEXT_NODE).map((n) => n.data.trim()).join(" ").trim();
  here.querySelector(".said").after(edit);
  edit.elements.to.focus();
}

function leave() {
  const turn = edit.closest(".turn");
  edit.remove();
  turn?.querySelector(".time").focus({ preventScroll: true });
}

async function keep() {
  const turn = edit.closest(".turn");
  if (await correct(turn, "text", { to: edit.elements.to.value })) edit.remove();
}

edit.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation();
  keep();
});
edit.addEventListener("reset", leave);
edit.addEventListener("keydown", (event) => {
  event.stopPropagation();
  if (event.key === "Escape") leave();
  if (event.key === "Enter" && event.ctrlKey) keep();
});

function nextSpeaker() {
  const labels = [...new Set([...document.querySelectorAll("#labels option")].map((o) => o.value))];
  const now = here?.querySelector(".label").textContent;
  if (here && labels.length > 1) correct(here, "speaker", { to: labels[(labels.indexOf(now) + 1) % labels.length] });
}

byId("speakers").addEventListener("submit", (event) => {
  event.preventDefault();
  correct(null, event.submitter.value, { label: event.target.elements.label.value, to: event.target.elements.to.value });
});

keys.r = editText;
keys.t = nextSpeaker;
keys.v = () => here && correct(here, "before", { from: litAt() });
keys.b = () => here && correct(here, "next", { from: litAt() });
keys.i = () => here && correct(here, "split", { from: litAt() });
keys.j = () => here && correct(here, "join");
keys.z = () => correct(null, "undo");
