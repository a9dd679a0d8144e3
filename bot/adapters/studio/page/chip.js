// What goes along with the next message: a picture of one's own, or one that is replied to.
import { byId } from "./dom.js";

const chip = byId("chip");
const shown = chip.querySelector("img");
let companion = null;

export const getCompanion = () => companion;

/** `{label, image}` for a file, `{label, id, url}` for a picture of the chat, null for nothing. */
export function setCompanion(next) {
  if (shown.src.startsWith("blob:")) URL.revokeObjectURL(shown.src);
  companion = next;
  chip.hidden = !next;
  chip.querySelector("p").textContent = next?.label ?? "";
  // A picture of the chat has a button for this below it.
  byId("carried").hidden = !next?.image;
  if (next) shown.src = next.image ? URL.createObjectURL(next.image) : next.url;
  else shown.removeAttribute("src");
  chip.dispatchEvent(new Event("change"));
}
