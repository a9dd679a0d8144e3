// A sheet before the page: a text to copy, or a form to fill in.
import { byId, el } from "./dom.js";

const sheet = byId("sheet");
const title = byId("sheet-title");
const fields = sheet.querySelector(".fields");
const text = sheet.querySelector("pre");
const send = sheet.querySelector("button[value=send]");

/** Show a text under a heading. */
export function tell(heading, words) {
  open(heading, []);
  text.textContent = words;
  text.hidden = false;
  send.hidden = true;
  sheet.showModal();
  text.focus();
}

/** Let somebody fill in `form`; the values by name, or null. */
export function ask(form) {
  open(form.title, form.fields.map(field));
  text.hidden = true;
  send.hidden = false;
  sheet.showModal();
  return new Promise((resolve) => {
    sheet.addEventListener("close", () => {
      const inputs = [...fields.querySelectorAll("input, textarea")];
      const filled = Object.fromEntries(inputs.map((input) => [input.name, input.value]));
      resolve(sheet.returnValue === "send" ? filled : null);
    }, { once: true });
  });
}

function open(heading, rows) {
  title.textContent = heading;
  fields.replaceChildren(...rows);
  // What was chosen the last time says nothing about this time.
  sheet.returnValue = "";
}

function field(asked) {
  const input = el(asked.long ? "textarea" : "input", {
    name: asked.name, value: asked.value, required: asked.required, autocomplete: "off",
  });
  if (asked.long) input.rows = 3;
  return el("label", {}, el("span", { textContent: asked.label }), input);
}
