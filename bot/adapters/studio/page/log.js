// The list of messages: in the order of their ids, and kept at the newest unless one reads above.
import { announce, byId } from "./dom.js";
import { view } from "./bubbles.js";

const NEAR_PX = 120;
const PATIENCE_MS = 3000;
const views = new Map();
// Jobs whose pictures are on their way, while the status still stands for them.
const loading = new Set();
const list = byId("log");
const newer = byId("newer");
const chat = byId("chat");
let stuck = true;

const atEnd = () =>
  window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - NEAR_PX;

/** Where the end of the chat is seen, if the chat is. */
export function scrollToEnd() {
  if (chat.hidden) return;
  window.scrollTo({ top: document.documentElement.scrollHeight });
}

/** Show a message or its new state. */
export function show(bubble) {
  const known = views.get(bubble.id);
  if (known) {
    known.update(bubble);
    return;
  }
  const made = view(bubble, views);
  made.node.dataset.id = bubble.id;
  views.set(bubble.id, made);
  insert(made.node, Number(bubble.id));
  if (bubble.pictures.length && statusOf(bubble.job)) holdBack(made);
  byId("empty").hidden = true;
  if (bubble.kind === "request") stuck = true;
  else if (!stuck) newer.hidden = false;
  if (bubble.kind !== "request" && bubble.text) announce(bubble.text);
}

export function take(id) {
  const gone = views.get(id);
  if (!gone || loading.has(gone.job)) return;
  gone.node.remove();
  views.delete(id);
}

const statusOf = (job) => [...views].find(([, v]) => v.kind === "status" && v.job === job)?.[0];

/** Show it when its pictures are loaded, in the same moment in which its status goes. */
async function holdBack({ node, job }) {
  node.hidden = true;
  loading.add(job);
  const images = [...node.querySelectorAll("img")].map((image) => image.decode().catch(() => {}));
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([Promise.all(images), patience]);
  loading.delete(job);
  take(statusOf(job));
  node.classList.add("settled");
  node.hidden = false;
}

export function clear() {
  views.clear();
  loading.clear();
  list.replaceChildren();
}

export function showEmptyState() {
  byId("empty").hidden = views.size > 0;
}

function insert(node, id) {
  let before = null;
  for (let other = list.lastElementChild; other; other = other.previousElementSibling) {
    if (Number(other.dataset.id) < id) break;
    before = other;
  }
  list.insertBefore(node, before);
}

let before = 0;
window.addEventListener("scroll", () => {
  if (chat.hidden) return;
  // Only a move upwards is somebody who reads: a list that grew is no farther from its end for it.
  if (atEnd()) stuck = true;
  else if (window.scrollY < before) stuck = false;
  before = window.scrollY;
  if (stuck) newer.hidden = true;
}, { passive: true });
newer.addEventListener("click", scrollToEnd);
chat.addEventListener("shown", () => window.scrollTo({ top: stuck ? document.documentElement.scrollHeight : before }));
// Pictures load, bubbles grow, the keyboard of a phone opens: stay at the end through all of it.
new ResizeObserver(() => stuck && scrollToEnd()).observe(document.body);
