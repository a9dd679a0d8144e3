// Where one writes: text, with a picture or in reply to one.
import { byId } from "./dom.js";
import { mostBytes, tooLarge, words } from "./words.js";
import { getCompanion, setCompanion } from "./chip.js";
import { closeMenu, handleMenuKey, updateMenu } from "./commands.js";
import { post } from "./send.js";

const form = byId("composer");
const text = byId("text");
const send = byId("send");
const problem = byId("problem");
const file = byId("file");
const touch = matchMedia("(pointer: coarse)");
let lastSent = "";
let checking = null;

/** The next message answers this picture. */
export function replyTo(shown) {
  setCompanion({ label: words.replying, id: shown.id, url: shown.url });
  text.focus();
}

/** The next message brings this picture. */
export async function attach(image) {
  complain("");
  const check = (checking = faultOf(image));
  const fault = await check;
  if (checking !== check) return; // Another one was chosen meanwhile.
  checking = null;
  if (fault) return complain(fault);
  setCompanion({ label: image.name || words.picture, image });
  text.focus();
}

/** Why it cannot be attached, as a sentence; a file's name may claim what its content is not. */
async function faultOf(image) {
  if (!image.type.startsWith("image/")) return words["not-a-picture"];
  if (image.size > mostBytes) return tooLarge;
  try {
    (await createImageBitmap(image)).close();
    return "";
  } catch {
    return words["not-a-picture"];
  }
}

/** The connection is back: what could not be sent can be sent now. */
export function forgetFailure() {
  if (problem.textContent === words["send-failed"]) complain("");
}

/** Write this and send it. */
export function say(sentence) {
  write(sentence);
  form.requestSubmit();
}

function write(sentence) {
  text.value = sentence;
  resize();
}

function complain(sentence) {
  problem.textContent = sentence;
  problem.hidden = !sentence;
}

function resize() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight}px`;
  send.disabled = !text.value.trim() && !getCompanion()?.image;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (checking && (await checking)) return;
  if (send.disabled) return;
  const [sentence, companion] = [text.value, getCompanion()];
  lastSent = sentence;
  closeMenu();
  write("");
  setCompanion(null);
  text.focus();
  complain("");
  const { failure, refused } = await post(sentence, companion);
  if (failure) complain(failure);
  const newest = lastSent === sentence;
  if ((failure || (refused && newest)) && !text.value && !getCompanion()) {
    write(sentence);
    setCompanion(companion);
    // To be corrected, or simply written over.
    if (refused) text.select();
  }
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
    write(lastSent);
  } else if (event.key === "Escape") {
    setCompanion(null);
  }
});

byId("chip").addEventListener("change", resize);
window.addEventListener("resize", resize);  // a phone is turned, and lines break elsewhere
byId("remove").addEventListener("click", () => {
  setCompanion(null);
  text.focus();
});
// In the chat, beside the words that are being written.
byId("carried").addEventListener("click", async () => {
  const { failure } = await post("/info", getCompanion());
  complain(failure);
});
byId("attach").addEventListener("click", () => file.click());
file.addEventListener("change", () => {
  if (file.files[0]) attach(file.files[0]);
  file.value = "";
});
resize();
