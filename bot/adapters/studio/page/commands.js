// The menu of commands that opens on `/`.
import { byId, el } from "./dom.js";
import { commands } from "./words.js";

const text = byId("text");
const menu = byId("commands");
let chosen = 0;

export function updateMenu() {
  const typed = /^\/(\w*)$/.exec(text.value)?.[1];
  const fitting = typed === undefined ? [] : commands.filter((c) => c.name.startsWith(typed));
  menu.replaceChildren(...fitting.map(option));
  menu.hidden = fitting.length === 0;
  choose(Math.max(0, fitting.findIndex((c) => c.name === typed)));
}

export function closeMenu() {
  menu.hidden = true;
  text.removeAttribute("aria-activedescendant");
}

/** Whether the key was for the menu. */
export function handleMenuKey(event) {
  if (menu.hidden) return false;
  const count = menu.children.length;
  const name = menu.children[chosen].dataset.name;
  if (event.key === "ArrowDown") choose((chosen + 1) % count);
  else if (event.key === "ArrowUp") choose((chosen + count - 1) % count);
  // A command typed in full is not completed but sent.
  else if (event.key === "Enter" && text.value === `/${name}`) return false;
  else if (event.key === "Enter" || event.key === "Tab") take(name);
  else if (event.key === "Escape") closeMenu();
  else return false;
  event.preventDefault();
  return true;
}

function option(command) {
  const node = el(
    "li",
    { role: "option", id: `command-${command.name}`, "data-name": command.name },
    el("b", { textContent: `/${command.name}` }),
    el("span", { textContent: command.description }),
  );
  // Not `click`: the text field would lose the focus first.
  node.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    take(command.name);
  });
  return node;
}

function choose(index) {
  chosen = index;
  [...menu.children].forEach((node, i) => node.setAttribute("aria-selected", String(i === index)));
  if (menu.children[index]) {
    text.setAttribute("aria-activedescendant", menu.children[index].id);
    menu.children[index].scrollIntoView({ block: "nearest" });
  }
}

function take(name) {
  text.value = `/${name} `;
  closeMenu();
  text.focus();
  text.dispatchEvent(new Event("input"));
}
