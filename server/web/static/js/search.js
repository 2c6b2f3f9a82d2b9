import { all, one } from "./dom.js";

const box = () => one("#search");
const list = () => one("#search-results");

export function closeResults() {
  const results = list();
  if (!results || results.hidden) return false;
  results.hidden = true;
  box().setAttribute("aria-expanded", "false");
  box().removeAttribute("aria-activedescendant");
  return true;
}

function openResults() {
  const empty = !one("[role=option], .note", list());
  list().hidden = empty;
  box().setAttribute("aria-expanded", String(!empty));
  box().removeAttribute("aria-activedescendant");
}

function move(step) {
  const options = all("[role=option]", list());
  if (options.length === 0) return;
  const now = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = options[now < 0 && step < 0 ? options.length - 1 : (now + step + options.length) % options.length];
  for (const option of options) option.setAttribute("aria-selected", String(option === next));
  box().setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}

function go(option, elsewhere) {
  if (elsewhere) window.open(option.dataset.href, "_blank", "noopener");
  else location.assign(option.dataset.href);
}

// The search box is a combobox (WAI-ARIA APG, list autocomplete with manual
// selection). htmx fetches the list; Enter without a choice sends the form.
export function watchSearch() {
  if (!box()) return;
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "search-results" && document.activeElement === box()) openResults();
  });
  box().addEventListener("focus", () => { if (box().value.trim()) openResults(); });
  box().addEventListener("input", () => { if (!box().value.trim()) closeResults(); });
  box().addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list().hidden) openResults();
      move(event.key === "ArrowDown" ? 1 : -1);
    }
    const chosen = one("[role=option][aria-selected=true]", list());
    if (event.key === "Enter" && chosen && !list().hidden) {
      event.preventDefault();
      go(chosen, event.ctrlKey || event.metaKey);
    }
  });
  list().addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    event.preventDefault();
    go(option, event.ctrlKey || event.metaKey);
  });
  document.addEventListener("click", (event) => { if (!event.target.closest(".hf-search")) closeResults(); });
}
