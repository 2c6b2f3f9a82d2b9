// Runs before the first paint: who follows the system's theme gets it without
// a flash, and times are shown in the time zone of the browser.
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes(`holdfast_zone=${zone}`)) {
    document.cookie = `holdfast_zone=${zone};path=/;max-age=31536000;samesite=lax`;
  }
  const root = document.documentElement;
  if (root.dataset.theme !== "auto") return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => { root.dataset.bsTheme = dark.matches ? "dark" : "light"; };
  follow();
  dark.addEventListener("change", () => { if (root.dataset.theme === "auto") follow(); });
})();
