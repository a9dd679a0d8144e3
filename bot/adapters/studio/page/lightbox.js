// One picture, as large as the window, with the parameters that it was drawn with.
import { byId } from "./dom.js";

const box = byId("lightbox");
const image = box.querySelector("img");
const parameters = box.querySelector("pre");
const actions = box.querySelector(".actions");
const arrows = [...box.querySelectorAll("[data-step]")];
let step = null;

/** `more.actions`: what can be done with it; `more.step(by)`: shows the one before or behind. */
export function enlarge(shown, more = {}) {
  image.src = shown.url;
  image.alt = shown.infotext.split("\n")[0];
  parameters.textContent = shown.infotext;
  parameters.hidden = !shown.infotext;
  parameters.scrollTop = 0;
  actions.replaceChildren(...(more.actions ?? []));
  step = more.step ?? null;
  for (const arrow of arrows) arrow.hidden = !step;
  if (!box.open) box.showModal();
}

export const closeLightbox = () => box.close();

box.addEventListener("click", (event) => {
  if (event.target === box || event.target === image) box.close();
});
box.addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by || !step) return;
  event.preventDefault();
  step(by);
});
for (const arrow of arrows) {
  arrow.addEventListener("click", () => step(Number(arrow.dataset.step)));
}
