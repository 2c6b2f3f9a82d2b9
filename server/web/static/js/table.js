import { one } from "./dom.js";

// A list keeps its old rows while the new ones come. After 300 ms a thin bar
// says that something is under way; focus returns to the control that was used.
export function watchTables() {
  let slow = 0;
  let focus = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const list = event.detail.target;
    if (list?.id !== "list") return;
    list.setAttribute("aria-busy", "true");
    focus = document.activeElement?.id || document.activeElement?.dataset?.focus || null;
    slow = setTimeout(() => list.classList.add("slow"), 300);
  });
  const done = () => {
    clearTimeout(slow);
    const list = one("#list");
    list?.removeAttribute("aria-busy");
    list?.classList.remove("slow");
  };
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "list") return;
    done();
    if (!focus || (document.activeElement && document.activeElement !== document.body)) return;
    (document.getElementById(focus) ?? one(`[data-focus="${CSS.escape(focus)}"]`))?.focus();
  });
  document.addEventListener("htmx:responseError", (event) => {
    done();
    // The whole page says what went wrong, better than a list that stays old.
    if (event.detail.target?.id === "list") location.assign(event.detail.pathInfo.requestPath);
  });
  document.addEventListener("htmx:sendError", done);
}
