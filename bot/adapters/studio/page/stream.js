// What the bot says, as it says it. The browser reconnects by itself after a lost connection and
// names the last event it saw; only a refused stream (a lost login) has to be opened anew.
import { byId } from "./dom.js";

const RETRY_MS = 3000;

/** `on` has a function for each event: open(), hello(), message(bubble), gone(id). */
export function listen(on) {
  const source = new EventSource("/api/events");
  const connection = byId("connection");
  source.addEventListener("open", () => {
    connection.hidden = true;
    on.open();
  });
  source.addEventListener("hello", () => on.hello());
  source.addEventListener("message", (event) => on.message(JSON.parse(event.data)));
  source.addEventListener("gone", (event) => on.gone(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    connection.hidden = false;
    if (source.readyState === EventSource.CLOSED) setTimeout(() => reopen(on), RETRY_MS);
  });
}

async function reopen(on) {
  try {
    const answer = await fetch("/api/words");
    if (answer.status === 401) location.assign("/login");
  } catch {
    // The server is away; the new stream will say so again.
  }
  listen(on);
}
