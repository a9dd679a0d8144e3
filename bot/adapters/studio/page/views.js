// The chat or the gallery: the address says which is shown, so that going back and reloading work.
import { byId } from "./dom.js";

const NAMES = ["chat", "gallery"];
const shown = () => (location.hash === "#gallery" ? "gallery" : "chat");

/** Show the view of that name. */
export function go(name) {
  if (shown() === name) return;
  location.hash = name;
  // Not only when the event comes: what follows may need its elements visible.
  apply();
}

function apply() {
  const name = shown();
  if (!byId(name).hidden) return;
  for (const other of NAMES) byId(other).hidden = other !== name;
  byId("writing").hidden = name !== "chat";
  for (const link of document.querySelectorAll(".views a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  byId(name).dispatchEvent(new Event("shown"));
}

/** Begin with what the address says; those who listen for `shown` must do so by now. */
export function begin() {
  window.addEventListener("hashchange", apply);
  apply();
}
