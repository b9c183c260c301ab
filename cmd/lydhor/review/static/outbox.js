// Decisions that wait to be kept: each stands under a name of its own in the browser's
// storage until the server has it, so that none is lost when the connection, the page or the
// computer goes. Each carries a key, so that sending it twice is deciding once.
"use strict";

const saving = document.getElementById("saving");
const outboxOf = `lydhor decision ${saving.dataset.coder} `;
const channel = new BroadcastChannel("lydhor decisions");
let placed = () => {}; // what the page does with an answer: (address, turn, html)
let returned = () => {}; // and with a decision that was refused: (address, turn, fields)
let patience = 1000; // ms until the next try
let kept = 0; // decisions kept since the page came
let refusal = ""; // what the server said of one that it refused, until the next

const waiting = () => Object.keys(localStorage).filter((name) => name.startsWith(outboxOf)).sort();

// decideOn keeps a decision and sends it.
function decideOn(address, turn, fields) {
  refusal = "";
  const key = newKey();
  const name = `${outboxOf}${String(Date.now()).padStart(15, "0")} ${String(waiting().length).padStart(4, "0")} ${key}`;
  localStorage.setItem(name, JSON.stringify({ address, turn, fields: { ...fields, key } }));
  send();
}

const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

// One tab sends at a time, so that decisions arrive in the order they were made.
function send() {
  tell();
  return navigator.locks ? navigator.locks.request("lydhor outbox", sendAll) : sendAll();
}

async function sendAll() {
  for (const name of waiting()) {
    const { address, turn, fields } = JSON.parse(localStorage.getItem(name));
    let answer;
    try {
      answer = await fetch(`${address}/turns/${turn}/decision`, { method: "POST", body: new URLSearchParams(fields) });
    } catch {
      return later();
    }
    if (answer.redirected || answer.status >= 500 || [401, 403, 408, 429].includes(answer.status)) return later();
    const html = await answer.text();
    localStorage.removeItem(name);
    patience = 1000;
    if (!answer.ok) {
      refused(html);
      returned(address, turn, fields);
      continue;
    }
    kept++;
    placed(address, turn, html);
    channel.postMessage({ address, turn, html });
  }
  tell();
}

function later() {
  setTimeout(send, patience);
  patience = Math.min(2 * patience, 30000);
  tell();
}

function tell() {
  const n = waiting().length;
  saving.textContent = n > 0 ? saving.dataset.waiting.replace("{}", n) : refusal || (kept > 0 ? saving.dataset.kept : "");
  saving.classList.toggle("waiting", n > 0 || refusal !== "");
}

// refused tells what a page of problems says.
function refused(html) {
  const said = new DOMParser().parseFromString(html, "text/html").querySelector("main p");
  refusal = saving.dataset.refused.replace("{}", said?.textContent ?? "");
  tell();
}

channel.addEventListener("message", ({ data }) => placed(data.address, data.turn, data.html));
addEventListener("online", send);
send();
