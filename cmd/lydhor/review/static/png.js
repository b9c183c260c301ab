// Pictures as PNG, drawn by the browser from the SVG at twice its size.
"use strict";

for (const link of document.querySelectorAll("[data-png]")) {
  link.hidden = false;
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    const picture = new Image();
    picture.src = link.href;
    await picture.decode();
    const canvas = document.createElement("canvas");
    canvas.width = 2 * picture.naturalWidth;
    canvas.height = 2 * picture.naturalHeight;
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const file = document.createElement("a");
    file.download = new URL(link.href).pathname.split("/").pop().replace(".svg", ".png");
    file.href = canvas.toDataURL("image/png");
    file.click();
  });
}
