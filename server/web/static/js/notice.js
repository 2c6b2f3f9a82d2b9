import { all, one } from "./dom.js";

// What can be undone says so for ten seconds, longer while somebody is on it.
// What cannot stays until the next page.
export function watchNotices() {
  for (const notice of all("[data-fleeting]")) {
    let timer = 0;
    const start = () => { timer = setTimeout(() => notice.remove(), 10_000); };
    const stop = () => clearTimeout(timer);
    notice.addEventListener("focusin", stop);
    notice.addEventListener("pointerenter", stop);
    notice.addEventListener("focusout", start);
    notice.addEventListener("pointerleave", start);
    start();
  }
  one("[data-error-summary]")?.focus();
}
