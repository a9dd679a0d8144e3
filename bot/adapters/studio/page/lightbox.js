// One picture, as large as the window, with the parameters that it was drawn with.
import { byId } from "./dom.js";

const box = byId("lightbox");
const image = box.querySelector("img");
const parameters = box.querySelector("pre");

export function enlarge(shown) {
  image.src = shown.url;
  image.alt = shown.infotext.split("\n")[0];
  parameters.textContent = shown.infotext;
  parameters.hidden = !shown.infotext;
  box.showModal();
}

box.addEventListener("click", (event) => {
  if (event.target === box || event.target === image) box.close();
});
