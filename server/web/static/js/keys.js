import { all, one, typing } from "./dom.js";
import { closeDrawer, closeMenus } from "./menu.js";
import { moveRow, openRow, pickRow } from "./rows.js";
import { closeResults } from "./search.js";

const singleKeys = () => document.body.dataset.keys !== "off";
const actions = { j: () => moveRow(1), k: () => moveRow(-1), x: pickRow };

let waitingForPlace = 0;

function place(key) {
  const link = one(`a[data-go="${CSS.escape(key)}"]`);
  if (link) location.assign(link.href);
}

function filter() {
  const menu = one("details[data-key=f]");
  if (!menu) return;
  menu.open = true;
  one("select, input", menu)?.focus();
}

// A control may have a key of its own: a menu opens and takes the focus, a
// field takes it, a box is ticked on the way to the form's text, the rest is
// clicked.
function shortcut(key, event) {
  const control = one(`[data-shortcut="${CSS.escape(key)}"]`);
  if (!control) return;
  event.preventDefault();
  const menu = control.closest("details");
  if (menu) menu.open = true;
  if (control.matches("summary")) return one(".hf-pop input:not([type=hidden]), .hf-pop textarea, .hf-pop select", menu)?.focus();
  if (control.matches("input[type=checkbox]")) {
    control.checked = true;
    return one("textarea", control.form)?.focus();
  }
  if (control.matches("textarea")) {
    const box = one("input[type=checkbox][data-shortcut]", control.form);
    if (box) box.checked = false;
    return control.focus();
  }
  if (control.matches("input")) return control.focus();
  control.click();
}

// Ctrl and Enter send what is being written.
function send(event) {
  const form = document.activeElement?.form;
  if (event.key === "Enter" && event.ctrlKey && form?.matches("[data-send-keys]")) form.requestSubmit();
}

function escape() {
  closeResults();
  closeMenus();
  closeDrawer();
}

// Single keys work outside fields only, and the account can switch them off
// (WCAG 2.1.4).
export function watchKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return escape();
    send(event);
    if (typing() || event.ctrlKey || event.metaKey || event.altKey || !singleKeys()) return;
    const key = event.key.toLowerCase();
    if (Date.now() < waitingForPlace) {
      waitingForPlace = 0;
      event.preventDefault();
      return place(key);
    }
    if (key === "g") { waitingForPlace = Date.now() + 1500; return; }
    if (key === "/") { event.preventDefault(); one("#search")?.focus(); return; }
    if (key === "?") { const help = one("a[data-go='?']"); if (help) location.assign(help.href); return; }
    if (key === "f") { event.preventDefault(); filter(); return; }
    if (key === "enter") { openRow(event); return; }
    if (actions[key]) return actions[key]();
    shortcut(key, event);
  });
  for (const hint of all("kbd[data-single], [data-hint]")) hint.hidden = !singleKeys();
}
