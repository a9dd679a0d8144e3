// A picture may be dropped anywhere on the page, or pasted into it.
import { byId } from "./dom.js";
import { attach } from "./composer.js";

const veil = byId("drop");
const hasFile = (event) => [...event.dataTransfer.types].includes("Files");

document.addEventListener("dragover", (event) => {
  if (!hasFile(event)) return;
  event.preventDefault();
  veil.hidden = false;
});
document.addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) veil.hidden = true;
});
document.addEventListener("drop", (event) => {
  veil.hidden = true;
  if (!hasFile(event)) return;
  event.preventDefault();
  if (event.dataTransfer.files[0]) attach(event.dataTransfer.files[0]);
});
document.addEventListener("paste", (event) => {
  const picked = [...event.clipboardData.files].find((f) => f.type.startsWith("image/"));
  if (!picked) return;
  event.preventDefault();
  attach(picked);
});
