// Runs before the page is drawn, so that a chosen appearance does not flash.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    root.dataset.zone = localStorage.getItem("zone") === "utc" ? "utc" : "local";
  } catch {
    root.dataset.zone = "local";
  }
})();
