// Files go up one by one, each with its progress and the time left. Without this script the
// form sends them itself.
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
});

form.addEventListener("submit", async (event) => {
  if (files.files.length === 0) return; // the server asks for a file
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  const places = [];
  for (const file of [...files.files]) places.push(await send(file));
  button.disabled = false;
  if (places.every(Boolean)) location = places.length === 1 ? places[0] : "/";
});

// send puts one file up and gives the address it then has, or "" where it was refused.
function send(file) {
  const item = sending.appendChild(document.createElement("li"));
  const name = item.appendChild(document.createElement("span"));
  const bar = item.appendChild(document.createElement("progress"));
  const said = item.appendChild(document.createElement("span"));
  name.textContent = file.name;
  bar.max = 1;
  bar.setAttribute("aria-label", file.name);
  const data = new FormData();
  for (const field of new FormData(form)) {
    if (field[0] !== "sound") data.append(...field);
  }
  data.append("sound", file);
  const began = performance.now();
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = loaded / total;
    const left = (performance.now() - began) / loaded * (total - loaded) / 1000;
    said.textContent = form.dataset.left.replace("{}", left < 90 ? `${Math.ceil(left)} s` : `${Math.ceil(left / 60)} min`);
  });
  request.open("POST", form.action);
  return new Promise((resolve) => {
    request.addEventListener("loadend", () => {
      const problem = refusal(request);
      item.classList.toggle("refused", problem !== null);
      bar.value = problem ? 0 : 1;
      said.replaceChildren(...(problem?.childNodes ?? [form.dataset.sent]));
      resolve(problem ? "" : request.responseURL);
    });
    request.send(data);
  });
}

// refusal is what the answer says is wrong, null where nothing is.
function refusal(request) {
  if (request.status >= 200 && request.status < 300) return null;
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const said = page.querySelector("#problem, main p");
  if (said) return said;
  const p = document.createElement("p");
  p.textContent = form.dataset.broken;
  return p;
}
