import { all, one } from "./dom.js";

const rows = () => all("[data-rows] tbody tr");
const current = () => one("[data-rows] tbody tr.at");

// J and K go down and up the rows; the row's own link takes the focus, so that
// a screen reader says where we are and Enter opens it.
export function moveRow(step) {
  const list = rows();
  if (list.length === 0) return;
  const now = list.indexOf(current());
  const next = list[Math.min(list.length - 1, Math.max(0, now < 0 ? (step > 0 ? 0 : list.length - 1) : now + step))];
  for (const row of list) row.classList.toggle("at", row === next);
  (one("th a, th button", next) ?? next).focus();
  next.scrollIntoView({ block: "nearest" });
}

export function openRow(event) {
  const focused = document.activeElement;
  if (focused && focused !== document.body) return;
  const link = current() && one("th a", current());
  if (link) { event.preventDefault(); link.click(); }
}

export function pickRow() {
  const box = current() && one("input[type=checkbox]", current());
  if (box) box.click();
}

function count() {
  const bar = one("[data-bulk]");
  if (!bar) return;
  const boxes = all("[data-rows] tbody input[type=checkbox]");
  const picked = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("tr").setAttribute("aria-selected", String(box.checked));
  const head = one("[data-rows] thead input[type=checkbox]");
  if (head) {
    head.checked = picked.length > 0 && picked.length === boxes.length;
    head.indeterminate = picked.length > 0 && picked.length < boxes.length;
  }
  bar.hidden = picked.length === 0;
  const text = one("[data-count]", bar);
  text.textContent = text.dataset.count.replace("#", String(picked.length));
}

export function watchRows() {
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-rows] input[type=checkbox]")) return;
    if (event.target.closest("thead")) {
      for (const box of all("[data-rows] tbody input[type=checkbox]")) box.checked = event.target.checked;
    }
    count();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-clear]")) return;
    for (const box of all("[data-rows] input[type=checkbox]")) box.checked = false;
    count();
  });
  document.addEventListener("htmx:afterSettle", count);
  count();
}
