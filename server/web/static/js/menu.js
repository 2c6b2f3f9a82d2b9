import { all, one } from "./dom.js";

const app = () => one(".hf-app");
const burger = () => one(".hf-burger");

export function closeDrawer() {
  if (!app()?.classList.contains("nav-open")) return;
  app().classList.remove("nav-open");
  one("#main").inert = false;
  burger().setAttribute("aria-expanded", "false");
  burger().focus();
}

export function closeMenus(except) {
  for (const menu of all("details.hf-menu[open]")) {
    if (menu === except || menu.contains(except)) continue;
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside && !except) one("summary", menu).focus();
  }
}

// The navigation becomes a drawer on narrow screens; menus close when the
// person goes elsewhere.
export function watchMenus() {
  // Tabs that do not fit scroll; the current one is to be seen.
  for (const tab of all(".hf-views [aria-current]")) {
    const tabs = tab.parentElement;
    tabs.scrollLeft = tab.offsetLeft - (tabs.clientWidth - tab.offsetWidth) / 2;
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest(".hf-burger")) {
      event.preventDefault();
      const open = app().classList.toggle("nav-open");
      burger().setAttribute("aria-expanded", String(open));
      one("#main").inert = open; // the drawer covers it
      if (open) one(".hf-nav a").focus();
      return;
    }
    if (!event.target.closest(".hf-nav")) closeDrawer();
    closeMenus(event.target);
  });
  // The theme changes at once; the server is told for the next page.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-theme-switch]")) return;
    event.preventDefault();
    const root = document.documentElement;
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.theme = root.dataset.bsTheme;
    const form = new FormData(event.target);
    form.set("theme", root.dataset.theme);
    fetch(event.target.action, { method: "POST", body: new URLSearchParams(form), redirect: "manual" });
  });
  // A form that asks for nothing but a choice is sent when the choice is made.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-send]")) event.target.form.requestSubmit();
  });
}
