// The buttons of the bot, and what comes of a press: a word, a text to copy, files or a form.
import { el, toast } from "./dom.js";
import { words } from "./words.js";
import { ask, tell } from "./sheet.js";

/** A button under the message `messageId`; `after(action, told)` hears what came of it. */
export function press(button, messageId, after = () => {}) {
  const node = el("button", { type: "button", class: "pill", textContent: button.label });
  if (button.about) {
    node.title = button.about;
    // What is seen comes first, so that it can be called by that too.
    node.setAttribute("aria-label", `${button.label} ${button.about}`);
  }
  node.addEventListener("click", async () => {
    // Not disabled meanwhile: that would lose the focus.
    if (node.ariaBusy === "true") return;
    node.ariaBusy = "true";
    const told = await send(button.action, button.argument, messageId);
    node.ariaBusy = "false";
    if (told) after(button.action, told);
  });
  return node;
}

/** What the bot answered in the end, or null where it did not. */
async function send(action, argument, messageId, fields = null) {
  let told;
  try {
    const answer = await fetch("/api/press", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ action, argument, message_id: messageId, fields }),
    });
    if (answer.status === 401) location.assign("/login");
    told = await answer.json();
  } catch {
    toast(words["send-failed"]);
    return null;
  }
  const text = told.text || told.error;
  if (told.verbatim) tell(words.parameters, text);
  else if (text) toast(text);
  for (const url of told.files ?? []) el("a", { href: url, download: "" }).click();
  const form = told.form;
  const filled = form ? await ask(form) : null;
  return filled ? send(form.action, form.argument, messageId, filled) : told;
}
