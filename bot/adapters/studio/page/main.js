import { byId } from "./dom.js";
import { forgetFailure, say } from "./composer.js";
import { clear, show, showEmptyState, take } from "./log.js";
import { listen } from "./stream.js";
import { begin } from "./views.js";
import "./drop.js";
import "./gallery.js";

for (const example of byId("empty").querySelectorAll("button")) {
  example.addEventListener("click", () => say(example.textContent));
}

begin();

// What is already there comes right behind `hello`; an empty chat shows how to begin.
let settling;
listen({
  open: forgetFailure,
  hello() {
    clear();
    clearTimeout(settling);
    settling = setTimeout(showEmptyState, 150);
  },
  message: show,
  gone: take,
});
