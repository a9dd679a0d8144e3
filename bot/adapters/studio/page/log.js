// The list of messages: in the order of their ids, and kept at the newest unless one reads above.
import { announce, byId } from "./dom.js";
import { view } from "./bubbles.js";

const NEAR_PX = 120;
const PATIENCE_MS = 3000;
const views = new Map();
// By job: results whose pictures are on their way, while the status still stands for them.
const loading = new Map();
const list = byId("log");
const newer = byId("newer");
let stuck = true;

const atEnd = () =>
  window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - NEAR_PX;

export function scrollToEnd() {
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
  if (bubble.pictures.length && hasStatus(bubble.job)) holdBack(made);
  byId("empty").hidden = true;
  if (bubble.kind === "request") stuck = true;
  else if (!stuck) newer.hidden = false;
  if (bubble.kind !== "request" && bubble.text) announce(bubble.text);
}

export function take(id) {
  const gone = views.get(id);
  if (!gone) return;
  views.delete(id);
  const shown = loading.get(gone.job);
  if (shown) shown.then(() => gone.node.remove());
  else gone.node.remove();
}

const hasStatus = (job) => [...views.values()].some((v) => v.kind === "status" && v.job === job);

/** Show it when its pictures are loaded, in the same moment in which its status goes. */
function holdBack({ node, job }) {
  node.hidden = true;
  const images = [...node.querySelectorAll("img")].map((image) => image.decode().catch(() => {}));
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const shown = Promise.race([Promise.all(images), patience]).then(() => {
    node.classList.add("settled");
    node.hidden = false;
    loading.delete(job);
  });
  loading.set(job, shown);
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
  // Only a move upwards is somebody who reads: a list that grew is no farther from its end for it.
  if (atEnd()) stuck = true;
  else if (window.scrollY < before) stuck = false;
  before = window.scrollY;
  if (stuck) newer.hidden = true;
}, { passive: true });
newer.addEventListener("click", scrollToEnd);
// Pictures load, bubbles grow, the keyboard of a phone opens: stay at the end through all of it.
new ResizeObserver(() => stuck && scrollToEnd()).observe(document.body);
