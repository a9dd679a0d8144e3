// All pictures that were drawn here: searched, a page at a time, and used like those of the chat.
import { byId } from "./dom.js";
import { words } from "./words.js";
import { closeLightbox, enlarge } from "./lightbox.js";
import { originalLink, replyButton } from "./actions.js";
import { press } from "./press.js";
import { tile } from "./tiles.js";
import { go } from "./views.js";

const TYPING_MS = 200;
const view = byId("gallery");
const list = byId("tiles");
const search = byId("search");
const count = byId("count");
const more = byId("more");
const none = byId("none");
let shown = [];
let behind = null;
let turn = 0;
let typing;

/** The first page, or the next one. */
async function load(anew) {
  const mine = ++turn;
  const asked = new URLSearchParams({ words: search.value, behind: anew ? "" : behind });
  let told;
  try {
    const answer = await fetch(`/api/gallery?${asked}`);
    if (answer.status === 401) location.assign("/login");
    told = await answer.json();
  } catch {
    if (mine === turn) say(words["send-failed"]);
    return;
  }
  // Another search may have begun meanwhile.
  if (mine !== turn) return;
  if (anew) {
    list.replaceChildren();
    shown = [];
    count.textContent = told.count;
  }
  behind = told.behind;
  more.hidden = !behind;
  const pictures = told.pictures.map((hung) => tile(hung, open));
  shown.push(...told.pictures);
  list.append(...pictures);
  const nothing = search.value.trim() ? words["nothing-fits"] : words["nothing-drawn"];
  say(shown.length ? "" : nothing);
}

function say(sentence) {
  none.textContent = sentence;
  none.hidden = !sentence;
}

function open(hung) {
  const toChat = () => {
    closeLightbox();
    go("chat");
  };
  const after = (action, told) => {
    if (told.drawing) toChat();
    else if (action === "delete" && !told.text) takeAway();
  };
  const buttons = hung.buttons.map((b) => press(b, hung.picture.id, after));
  enlarge(hung.picture, {
    actions: [replyButton(hung.picture, toChat), originalLink(hung.picture), ...buttons],
    step(by) {
      const next = shown[shown.indexOf(hung) + by];
      if (next) open(next);
    },
  });
}

/** All pictures of that request are gone. */
function takeAway() {
  closeLightbox();
  search.focus();
  load(true);
}

search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => load(true), TYPING_MS);
});
byId("searching").addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  load(true);
});
more.addEventListener("click", async () => {
  const first = shown.length;
  await load(false);
  // The button may be gone, and with it the place where one was.
  list.children[first]?.querySelector("button").focus();
});
view.addEventListener("shown", () => load(true));
