// The first picture of the demo model comes with a word about what it is; once, until dismissed.
import { el } from "./dom.js";
import { words } from "./words.js";

const SEEN = "chatelier-demo-hint-seen";
let shown = false;

export function demoHint(message) {
  if (shown || localStorage.getItem(SEEN)) return;
  shown = true;
  const dismiss = el("button", { type: "button", class: "pill", textContent: words["demo-dismiss"] });
  const hint = el(
    "aside",
    { class: "hint" },
    el("h2", { textContent: words["demo-title"] }),
    el("p", { textContent: words["demo-text"] }),
    dismiss,
  );
  dismiss.addEventListener("click", () => {
    localStorage.setItem(SEEN, "yes");
    hint.remove();
  });
  message.append(hint);
}
