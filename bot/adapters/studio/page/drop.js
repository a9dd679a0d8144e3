// A file may be dropped anywhere on the page, or pasted into it; a picture of the chat is dropped
// where one writes, and answered. The button below it does the same without a mouse.
import { byId } from "./dom.js";
import { attach, replyTo } from "./composer.js";
import { DRAGGED } from "./actions.js";
import { go } from "./views.js";

const veil = byId("drop");
const composer = byId("composer");
const carries = (event, type) => [...event.dataTransfer.types].includes(type);
// A browser offers a picture of the page as a file, too.
const isOurs = (event) => carries(event, DRAGGED);
const isFile = (event) => carries(event, "Files") && !isOurs(event);
const onComposer = (event) => composer.contains(event.target);

document.addEventListener("dragstart", (event) => composer.classList.toggle("target", isOurs(event)));
document.addEventListener("dragend", () => composer.classList.remove("target"));
document.addEventListener("dragover", (event) => {
  if (!isFile(event) && !(isOurs(event) && onComposer(event))) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  veil.hidden = !isFile(event);
});
document.addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) veil.hidden = true;
});
document.addEventListener("drop", (event) => {
  veil.hidden = true;
  if (isOurs(event) && onComposer(event)) {
    event.preventDefault();
    replyTo(JSON.parse(event.dataTransfer.getData(DRAGGED)));
  } else if (isFile(event)) {
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  }
});
document.addEventListener("paste", (event) => {
  const picked = [...event.clipboardData.files].find((f) => f.type.startsWith("image/"));
  if (!picked) return;
  event.preventDefault();
  take(picked);
});

function take(file) {
  if (!file) return;
  go("chat");
  attach(file);
}
