/* Runs before the first paint: the theme a person chose, else the system's. */
(function () {
  "use strict";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  function apply() {
    const chosen = localStorage.getItem("hs-theme") || "auto";
    document.documentElement.dataset.bsTheme = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
    document.querySelectorAll("button[data-theme]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.theme === chosen)));
  }
  apply();
  dark.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (e) => {
    const button = e.target.closest("button[data-theme]");
    if (!button) return;
    localStorage.setItem("hs-theme", button.dataset.theme);
    apply();
  });
})();
