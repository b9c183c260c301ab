// How far the work is, told by the server while it goes on. A recording's own page comes anew
// when its work has ended.
"use strict";

const states = () => [...document.querySelectorAll(".state[data-recording]")];
const busy = () => states().filter((el) => ["waiting", "working"].includes(el.dataset.state));
let news = null;

function listen() {
  if (news || busy().length === 0) return;
  news = new EventSource(`/events?${new URLSearchParams(busy().map((el) => ["id", el.dataset.recording]))}`);
  news.addEventListener("state", ({ data }) => place(JSON.parse(data)));
}

function place({ id, state, html }) {
  const old = states().find((el) => el.dataset.recording === id);
  if (!old) return;
  const ended = !["waiting", "working"].includes(state);
  if (ended && document.body.querySelector("#waits")) return location.reload();
  old.closest(".recording")?.setAttribute("class", `recording ${state}`);
  old.replaceWith(new DOMParser().parseFromString(html, "text/html").body.firstElementChild);
  if (busy().length > 0) return;
  news.close();
  news = null;
}

listen();
