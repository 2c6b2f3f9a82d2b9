// Where tabs do not all fit, the current one is brought into view.
const show = () => {
  for (const current of document.querySelectorAll(".hf-views [aria-current]")) {
    const tabs = current.parentElement;
    if (current.offsetLeft + current.offsetWidth > tabs.offsetLeft + tabs.clientWidth) {
      tabs.scrollLeft = current.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - current.offsetWidth) / 2;
    }
  }
};

export function watchTabs() {
  show();
  document.addEventListener("htmx:afterSettle", show);
  window.addEventListener("resize", show);
}
