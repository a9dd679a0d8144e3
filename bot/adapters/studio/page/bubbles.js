// From a message of the server to what is seen: one small view for each kind.
import { announce, el, icon } from "./dom.js";
import { words } from "./words.js";
import { enlarge } from "./lightbox.js";
import { letDrag, originalLink, replyButton } from "./actions.js";
import { demoHint } from "./hint.js";
import { press } from "./press.js";

const LONG = 700;
const LONG_LINES = 12;
// Buttons of which each picture of several has its own.
const EACH = new Set(["upscale", "vary"]);

/** A view is `{node, job, kind, update(bubble)}`; `views` are those already shown, by id. */
export function view(bubble, views) {
  return { job: bubble.job, kind: bubble.kind, ...made(bubble, views) };
}

function made(bubble, views) {
  if (bubble.kind === "request") return request(bubble);
  if (bubble.kind === "status") return status(bubble);
  return bubble.pictures.length ? result(bubble, views) : note(bubble, views);
}

function frame(bubble, ...children) {
  const mine = bubble.kind === "request";
  const time = new Date(bubble.at * 1000);
  return el(
    "li",
    { class: mine ? "message mine" : "message", title: time.toLocaleString() },
    el("span", { class: "unseen", textContent: mine ? words.you : "Chatelier" }),
    el("div", { class: `bubble ${bubble.kind}` }, ...children),
  );
}

function request(bubble) {
  const text = el("p", { class: "said" });
  const command = /^\/\w+/.exec(bubble.text)?.[0] ?? "";
  if (command) text.append(el("span", { class: "command", textContent: command }));
  text.append(bubble.text.slice(command.length));
  const quoted = bubble.quoted ? thumbnail(bubble.quoted) : null;
  const sent = bubble.image ? picture({ id: bubble.id, url: bubble.image, infotext: "" }) : null;
  const node = frame(bubble, quoted, sent, ...(bubble.text ? foldable(text) : []));
  return { node, update() {} };
}

/** A very long text begins folded, with a button behind it. */
function foldable(text) {
  const said = text.textContent;
  if (said.length <= LONG && said.split("\n").length <= LONG_LINES) return [text];
  const more = el("button", { type: "button", class: "show-all", textContent: words["show-all"] });
  text.classList.add("folded");
  more.addEventListener("click", () => {
    text.classList.remove("folded");
    more.remove();
  });
  return [text, more];
}

function thumbnail(url) {
  const image = el("img", { src: url, alt: words.quoted, title: words.quoted });
  image.addEventListener("error", () => image.remove());
  return el("div", { class: "quoted" }, icon("reply"), image);
}

function status(bubble) {
  const preview = el("img", { class: "preview", alt: words.preview, hidden: true });
  const text = el("p", { class: "said" });
  const bar = el("progress", { max: 1, "aria-label": words.progress, hidden: true });
  const actions = el("div", { class: "actions" });
  const node = frame(bubble, preview, text, bar, actions);
  let labels = "";
  let quarter = 0;
  const update = (now) => {
    text.textContent = now.text || words.waiting;
    bar.hidden = now.progress === null;
    bar.value = now.progress ?? 0;
    if (now.preview) preview.src = now.preview;
    preview.hidden = !preview.src;
    // Buttons stay the same elements through an edit, so that the focus is not lost.
    const wanted = JSON.stringify(now.buttons);
    if (wanted !== labels) actions.replaceChildren(...now.buttons.map((b) => press(b, now.id)));
    labels = wanted;
    // Who hears the page is told now and then, not at every step.
    const drawn = Math.floor((now.progress ?? 0) * 4);
    if (drawn > quarter) announce(text.textContent);
    quarter = drawn;
  };
  update(bubble);
  return { node, update };
}

function result(bubble, views) {
  const [prompt, ...facts] = bubble.text.split("\n");
  const many = bubble.pictures.length > 1;
  const pictures = el("div", { class: many ? "pictures many" : "pictures" });
  const rest = bubble.buttons.filter((b) => !many || !EACH.has(b.action));
  bubble.pictures.forEach((shown, number) => {
    // The seed of a single picture stands among the facts, and its buttons below them.
    const seed = many ? `${words.seed} ${shown.seed}` : "";
    const own = [...EACH].map((action) => bubble.buttons.filter((b) => b.action === action)[number]);
    const buttons = many ? own.filter(Boolean).map((b) => press(b, bubble.id)) : [];
    const actions = pictureActions(shown, seed, buttons);
    pictures.append(el("figure", {}, picture(shown, bubble.spoiler, seed), actions));
  });
  const from = views.get(bubble.reply_to)?.kind === "result" ? asked(bubble, views) : null;
  const node = frame(
    bubble,
    from,
    pictures,
    el("p", { class: "said", textContent: prompt }),
    ...facts.map((line) => el("p", { class: "facts", textContent: line })),
    el("div", { class: "actions" }, ...rest.map((b) => press(b, bubble.id))),
  );
  if (bubble.demo) demoHint(node);
  return { node, update() {} };
}

function picture(shown, spoiler = false, seed = "") {
  const prompt = shown.infotext.split("\n")[0] || words.picture;
  const image = el("img", { src: shown.url, alt: seed ? `${prompt} · ${seed}` : prompt });
  const size = /\bSize: (\d+)x(\d+)/.exec(shown.infotext);
  if (size) [image.width, image.height] = [size[1], size[2]];
  const label = spoiler ? words.reveal : words.enlarge;
  const open = el("button", { type: "button", class: "picture", "aria-label": label }, image);
  open.classList.toggle("spoiler", spoiler);
  open.addEventListener("click", () => {
    if (!open.classList.contains("spoiler")) return enlarge(shown);
    open.classList.remove("spoiler");
    open.setAttribute("aria-label", words.enlarge);
  });
  if (shown.infotext) letDrag(open, shown);
  image.addEventListener("error", () =>
    open.replaceWith(el("p", { class: "gone", textContent: words["picture-gone"] })));
  return open;
}

function pictureActions(shown, seed, buttons) {
  const label = seed ? el("span", { class: "seed", textContent: seed }) : null;
  return el("figcaption", {}, label, ...buttons, replyButton(shown), originalLink(shown));
}

function note(bubble, views) {
  const image = bubble.image
    ? picture({ id: bubble.id, url: bubble.image, infotext: bubble.text })
    : null;
  const said = el("p", { class: "said", textContent: bubble.text });
  const node = frame(bubble, asked(bubble, views), image, said);
  const update = (now) => (node.querySelector(".said").textContent = now.text);
  return { node, update };
}

/** What is answered here, where that is not simply the message above. */
function asked(bubble, views) {
  const to = views.get(bubble.reply_to)?.node;
  const said = to?.querySelector(".said")?.textContent;
  if (!said || to === to.parentElement?.lastElementChild) return null;
  const quote = el("button", { type: "button", class: "asked", textContent: said });
  quote.addEventListener("click", () => to.scrollIntoView({ block: "center" }));
  return quote;
}
