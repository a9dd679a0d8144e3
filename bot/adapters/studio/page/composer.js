// Where one writes: text, a picture, or a reply to a picture.
import { byId } from "./dom.js";
import { mostBytes, tooLarge, words } from "./words.js";
import { closeMenu, handleMenuKey, updateMenu } from "./commands.js";

const form = byId("composer");
const text = byId("text");
const send = byId("send");
const chip = byId("chip");
const problem = byId("problem");
const file = byId("file");
const touch = matchMedia("(pointer: coarse)");

let image = null;
let repliedId = "";
let lastSent = "";

/** The next message answers this picture. */
export function replyTo(shown) {
  setChip(shown.url, words.replying);
  repliedId = shown.id;
  text.focus();
}

/** The next message brings this picture. */
export function attach(picked) {
  complain("");
  if (!picked.type.startsWith("image/")) return complain(words["not-a-picture"]);
  if (picked.size > mostBytes) return complain(tooLarge);
  setChip(URL.createObjectURL(picked), picked.name || words.picture);
  image = picked;
  text.focus();
}

/** Write this and send it. */
export function say(words) {
  text.value = words;
  form.requestSubmit();
}

function setChip(url, label) {
  clearChip();
  chip.querySelector("img").src = url;
  chip.querySelector("p").textContent = label;
  chip.hidden = false;
  resize();
}

function clearChip() {
  const shown = chip.querySelector("img");
  if (shown.src.startsWith("blob:")) URL.revokeObjectURL(shown.src);
  shown.removeAttribute("src");
  chip.hidden = true;
  image = null;
  repliedId = "";
  resize();
}

function complain(sentence) {
  problem.textContent = sentence;
  problem.hidden = !sentence;
}

function resize() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight}px`;
  send.disabled = !text.value.trim() && !image;
}

async function submit() {
  const body = new FormData();
  body.set("text", text.value);
  if (repliedId) body.set("reply_to", repliedId);
  if (image) body.set("image", image);
  const answer = await fetch("/api/messages", { method: "POST", body });
  if (answer.status === 401) location.assign("/login");
  return answer.ok ? "" : (await answer.json()).error;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (send.disabled && !text.value.trim()) return;
  send.disabled = true;
  closeMenu();
  const sent = text.value;
  const failed = await submit().catch(() => words["send-failed"]);
  complain(failed);
  if (!failed) {
    lastSent = sent;
    // Whatever was typed meanwhile stays.
    if (text.value === sent) text.value = "";
    clearChip();
  }
  resize();
  text.focus();
});

text.addEventListener("input", () => {
  complain("");
  resize();
  updateMenu();
});

text.addEventListener("keydown", (event) => {
  // While an input method is composing, Enter chooses a word and must not send.
  if (event.isComposing || event.keyCode === 229 || handleMenuKey(event)) return;
  if (event.key === "Enter" && !event.shiftKey && !touch.matches) {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === "ArrowUp" && !text.value && lastSent) {
    event.preventDefault();
    text.value = lastSent;
    resize();
  } else if (event.key === "Escape" && !chip.hidden) {
    clearChip();
  }
});

chip.querySelector("button").addEventListener("click", () => {
  clearChip();
  text.focus();
});
byId("attach").addEventListener("click", () => file.click());
file.addEventListener("change", () => {
  if (file.files[0]) attach(file.files[0]);
  file.value = "";
});
resize();
