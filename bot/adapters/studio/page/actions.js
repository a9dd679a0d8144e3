// What can be done with any picture of the chat: answer it, drag it to the text, save it.
import { el, icon } from "./dom.js";
import { words } from "./words.js";
import { replyTo } from "./composer.js";

/** What a picture of the chat is dragged as. */
export const DRAGGED = "application/x-chatelier-picture";

/** A button that makes the next message an answer to `shown`; `first` is done before. */
export function replyButton(shown, first = () => {}) {
  const reply = el(
    "button",
    {
      type: "button", class: "quiet-button",
      title: words["reply-hint"], "aria-label": words.reply,
    },
    icon("reply"), el("span", { textContent: words.reply }),
  );
  reply.addEventListener("click", () => {
    first();
    replyTo(shown);
  });
  return reply;
}

/** A link that saves the file of `shown`. */
export function originalLink(shown) {
  return el(
    "a",
    {
      class: "quiet-button", href: shown.url, download: "",
      title: words["original-hint"], "aria-label": words.original,
    },
    icon("download"), el("span", { textContent: words.original }),
  );
}

/** Let `shown` be answered by dragging `node` to where one writes. */
export function letDrag(node, shown) {
  node.draggable = true;
  node.addEventListener("dragstart", (event) => {
    event.dataTransfer.setData(DRAGGED, JSON.stringify({ id: shown.id, url: shown.url }));
    event.dataTransfer.effectAllowed = "copy";
  });
}
