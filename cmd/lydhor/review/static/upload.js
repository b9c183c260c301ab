// Files go up one by one, each with its progress and the time left. One that breaks off goes
// on where it stopped, also another day: the tus protocol, https://tus.io/protocols/resumable-upload.
// Without this script the form sends them itself.
"use strict";

const form = document.getElementById("upload");
const files = document.getElementById("files");
const drop = document.getElementById("drop");
const sending = document.getElementById("sending");

for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  files.files = event.dataTransfer.files;
  chosen();
});
files.addEventListener("change", chosen);

// chosen looks at the files before any of them is sent, and takes the day that the first was
// recorded for that of the talk.
function chosen() {
  sending.replaceChildren();
  for (const file of files.files) {
    const problem = bad(file);
    if (problem) list(file).append(problem);
  }
  const first = [...files.files].find((file) => !bad(file));
  const date = form.elements.date;
  if (first && !date.value) date.value = new Date(first.lastModified).toLocaleDateString("sv"); // as 2026-11-23
}

// bad is what is wrong with a file as far as can be seen without reading it.
function bad(file) {
  if (file.size === 0) return form.dataset.empty.replace("{}", file.name);
  return /^(|audio\/.*|video\/.*|application\/(ogg|octet-stream|mxf))$/.test(file.type) ? "" : form.dataset.other.replace("{}", file.name);
}

chosen(); // the browser may have kept some from before

// list gives a file its line under the form.
function list(file) {
  const item = sending.appendChild(document.createElement("li"));
  item.classList.toggle("refused", Boolean(bad(file)));
  return item;
}

form.addEventListener("submit", async (event) => {
  if (files.files.length === 0) return; // the server asks for a file
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  const places = [];
  sending.replaceChildren();
  for (const file of [...files.files]) {
    const problem = bad(file);
    if (problem) list(file).append(problem);
    places.push(problem ? "" : await send(file));
  }
  button.disabled = false;
  if (places.every(Boolean)) location = places.length === 1 ? places[0] : "/";
});

// send puts one file up and gives the address it then has, or "" where it was refused.
async function send(file) {
  const item = list(file);
  const name = item.appendChild(document.createElement("span"));
  const bar = item.appendChild(document.createElement("progress"));
  const said = item.appendChild(document.createElement("span"));
  name.textContent = file.name;
  bar.max = 1;
  bar.setAttribute("aria-label", file.name);
  let began = null;
  const tell = (sent) => {
    bar.value = sent / file.size;
    began ??= { at: performance.now(), sent };
    const left = (performance.now() - began.at) / (sent - began.sent) * (file.size - sent) / 1000;
    if (isFinite(left)) said.textContent = form.dataset.left.replace("{}", left < 90 ? `${Math.ceil(left)} s` : `${Math.ceil(left / 60)} min`);
  };
  const wait = () => {
    said.textContent = form.dataset.waiting;
    began = null;
  };
  const { place, problem } = form.dataset.resumable ? await resume(file, tell, wait) : await whole(file, tell);
  item.classList.toggle("refused", !place);
  bar.value = place ? 1 : 0;
  said.replaceChildren(...(place ? [form.dataset.sent] : problem));
  return place ?? "";
}

// fields is what the form says of the file.
const fields = () => Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "sound"));

// whole sends the file as the form would.
async function whole(file, tell) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields())) data.append(name, value);
  data.append("sound", file);
  const answer = await request("POST", form.action, {}, data, tell);
  return answer.status >= 200 && answer.status < 300 ? { place: answer.responseURL } : { problem: refusal(answer) };
}

// resume sends the file from where an earlier try stopped, and tries until it has arrived or
// is refused.
async function resume(file, tell, wait) {
  const known = `lydhor upload ${file.name} ${file.size} ${file.lastModified}`;
  for (let patience = 1000; ; patience = Math.min(2 * patience, 30000)) {
    const answer = await go(file, known, tell);
    if (answer.status >= 400 && answer.status < 500 && ![404, 408, 409, 423, 429].includes(answer.status) || answer.getResponseHeader("Lydhor-Refused")) {
      localStorage.removeItem(known);
      return { problem: refusal(answer) };
    }
    const place = answer.getResponseHeader("Lydhor-Recording");
    if (place) {
      localStorage.removeItem(known);
      return { place };
    }
    if (answer.status === 404) localStorage.removeItem(known); // it was too long ago
    wait();
    await new Promise((over) => setTimeout(over, patience));
  }
}

// go makes one try, and gives the answer that ended it.
async function go(file, known, tell) {
  const tus = { "Tus-Resumable": "1.0.0" };
  let at = localStorage.getItem(known), offset = 0;
  if (at) {
    const head = await request("HEAD", at, tus);
    if (head.status !== 200) return head;
    offset = Number(head.getResponseHeader("Upload-Offset"));
  } else {
    const encode = (s) => btoa(String.fromCodePoint(...new TextEncoder().encode(s)));
    const said = Object.entries({ filename: file.name, ...fields() }).map(([name, value]) => `${name} ${encode(value)}`).join(",");
    const made = await request("POST", form.dataset.resumable, { ...tus, "Upload-Length": file.size, "Upload-Metadata": said });
    if (made.status !== 201) return made;
    at = new URL(made.getResponseHeader("Location"), location).pathname;
    localStorage.setItem(known, at);
  }
  return request("PATCH", at, { ...tus, "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream" }, file.slice(offset), (sent) => tell(offset + sent));
}

function request(method, address, headers, body, tell) {
  const r = new XMLHttpRequest();
  r.open(method, address);
  for (const name in headers) r.setRequestHeader(name, headers[name]);
  if (tell) r.upload.addEventListener("progress", (event) => tell(event.loaded));
  return new Promise((resolve) => {
    r.addEventListener("loadend", () => resolve(r));
    r.send(body);
  });
}

// refusal is what the answer says is wrong.
function refusal(answer) {
  const page = new DOMParser().parseFromString(answer.responseText, "text/html");
  const said = page.querySelector("#problem, main p");
  return said ? [...said.childNodes] : [form.dataset.broken];
}
