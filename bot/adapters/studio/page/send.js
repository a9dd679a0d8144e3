// Brings a message to the bot.
import { byId } from "./dom.js";
import { words } from "./words.js";

const PATIENCE_MS = 600;
let late = 0;

/** `failure`: why it did not arrive, as a sentence; `refused`: the bot answers that it cannot. */
export async function post(text, companion) {
  const body = new FormData();
  body.set("text", text);
  if (companion?.id) body.set("reply_to", companion.id);
  if (companion?.image) body.set("image", companion.image);
  try {
    const answer = await sayIfLate(fetch("/api/messages", { method: "POST", body }));
    if (answer.status === 401) location.assign("/login");
    const told = await answer.json();
    return { failure: answer.ok ? "" : told.error, refused: Boolean(told.refused) };
  } catch {
    return { failure: words["send-failed"], refused: false };
  }
}

/** At its very first start the bot takes a while; the reader should know that it heard. */
async function sayIfLate(answer) {
  let counted = 0;
  const timer = setTimeout(() => {
    counted = 1;
    showLate(1);
  }, PATIENCE_MS);
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
    showLate(-counted);
  }
}

function showLate(change) {
  late += change;
  byId("late").hidden = late === 0;
}
