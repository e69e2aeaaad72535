/* What the console does by itself: "/" searches, numbers open the drawer, popovers stand at their button. */
(function () {
  "use strict";
  const drawer = document.getElementById("drawer");

  document.addEventListener("keydown", (e) => {
    const typing = e.target.closest("input, textarea, select, [contenteditable]");
    if (e.key === "/" && !typing && !e.ctrlKey && !e.metaKey && !e.altKey && !drawer.open) {
      e.preventDefault();
      document.getElementById("find").select();
    }
    if (e.key === "Escape" && e.target.id === "find") e.target.blur();
    /* A link or button that names its key is pressed by it. */
    if (!typing && !e.ctrlKey && !e.metaKey && !e.altKey && !e.repeat && !drawer.open) {
      const named = document.querySelector(`main [data-press="${CSS.escape(e.key)}"]`);
      if (named) { e.preventDefault(); named.click(); }
    }
  });

  /* A modal dialog keeps the focus, closes by Esc and gives the focus back to the number that opened it. */
  document.addEventListener("htmx:beforeRequest", (e) => {
    if (e.detail.target && e.detail.target.id === "drawer-body" && !drawer.open) drawer.showModal();
  });
  document.addEventListener("click", (e) => {
    if (e.target === drawer || e.target.closest("[data-close]")) drawer.close();
    if (e.target.closest("[data-print]")) print();
    const toggle = e.target.closest("[data-toggle]");
    if (toggle) {
      const what = document.getElementById(toggle.dataset.toggle);
      what.hidden = !what.hidden;
      toggle.setAttribute("aria-expanded", String(!what.hidden));
    }
  });
  drawer.addEventListener("close", () => { document.getElementById("drawer-body").replaceChildren(); });

  /* A popover lives in the top layer and knows no button; set it under its own, inside the window. */
  document.addEventListener("toggle", (e) => {
    const pop = e.target;
    if (e.newState !== "open" || !pop.matches || !pop.matches("[popover]")) return;
    const button = document.querySelector(`[popovertarget="${pop.id}"]`);
    if (!button) return;
    const at = button.getBoundingClientRect(), size = pop.getBoundingClientRect();
    const top = at.bottom + 6 + size.height > innerHeight ? Math.max(8, at.top - size.height - 6) : at.bottom + 6;
    pop.style.top = `${top}px`;
    /* Under its button's right end; where that would cover the side bar, under its left end. */
    const main = document.querySelector("main");
    const least = main && main.contains(button) ? main.getBoundingClientRect().left + 8 : 8;
    const left = at.right - size.width < least ? at.left : at.right - size.width;
    pop.style.left = `${Math.max(8, Math.min(left, innerWidth - size.width - 8))}px`;
  }, true);

  /* A filter left open is not worth a word in the address. */
  document.addEventListener("htmx:configRequest", (e) => {
    if (!e.target.matches(".hs-filter")) return;
    for (const [name, value] of Object.entries(e.detail.parameters)) if (value === "") e.detail.parameters.delete(name);
  });

  /* What is written wrong is said at its field, and the field knows it. */
  document.addEventListener("htmx:afterSettle", () => {
    for (const said of document.querySelectorAll("[data-wrong-of]")) {
      const field = document.getElementById(said.dataset.wrongOf);
      if (field) field.setAttribute("aria-invalid", String(said.textContent.trim() !== ""));
    }
  });

  /* The old figures stay, dimmed, while new ones come. */
  document.addEventListener("htmx:beforeRequest", (e) => { if (e.detail.target) e.detail.target.setAttribute("aria-busy", "true"); });
  document.addEventListener("htmx:afterRequest", (e) => { if (e.detail.target) e.detail.target.removeAttribute("aria-busy"); });
})();
