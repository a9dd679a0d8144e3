// One picture of the gallery, small, with what it was drawn from; arrow keys go from one to another.
import { byId, el } from "./dom.js";
import { words } from "./words.js";

const list = byId("tiles");

export function tile(hung, open) {
  const { picture, prompt, model } = hung;
  const seed = `${words.seed} ${picture.seed}`;
  const image = el("img", {
    src: hung.thumbnail, alt: `${prompt || words.picture} · ${seed}`, loading: "lazy", decoding: "async",
  });
  const button = el("button", { type: "button", class: "picture" }, image);
  button.classList.toggle("spoiler", hung.spoiler);
  if (hung.spoiler) button.setAttribute("aria-label", words.reveal);
  button.addEventListener("click", () => {
    if (!button.classList.contains("spoiler")) return open(hung);
    button.classList.remove("spoiler");
    button.removeAttribute("aria-label");
  });
  // Its parameters are there still, and its buttons draw it again.
  image.addEventListener("error", () =>
    image.replaceWith(el("span", { class: "gone", textContent: words["picture-gone"] })));
  return el(
    "li",
    { class: "tile", title: new Date(hung.at * 1000).toLocaleString() },
    button,
    el("p", { class: "prompt", textContent: prompt || words.picture, title: prompt }),
    el("p", { class: "facts", textContent: seed }),
    el("p", { class: "facts", textContent: model }),
  );
}

list.addEventListener("keydown", (event) => {
  const all = [...list.querySelectorAll("button")];
  const across = getComputedStyle(list).gridTemplateColumns.split(" ").length;
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
  const next = by && all[all.indexOf(document.activeElement) + by];
  if (!next) return;
  event.preventDefault();
  next.focus();
});
