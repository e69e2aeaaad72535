/* One tap, one visit. What is tapped waits in the phone until the server has said that it has it; each has a key of its own,
   so that sending it again counts nothing twice. */
(function () {
  "use strict";
  const page = document.getElementById("taps"), form = document.getElementById("tap-form"), rows = document.getElementById("rows");
  const box = `hs-taps:${page.dataset.who}`, AGAIN = 800, EVERY = 20000;
  const picked = new Map();
  let sending = false, problem = "";

  const queue = () => { try { return JSON.parse(localStorage.getItem(box) || "[]"); } catch { return []; } };
  const keep = (items) => { try { localStorage.setItem(box, JSON.stringify(items)); return true; } catch { return false; } };
  const drop = (key) => keep(queue().filter((one) => one.key !== key));
  const id = () => (crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}-${Math.random().toString(36).slice(2)}`);
  const token = () => form.querySelector("[name=csrfmiddlewaretoken]").value;
  const text = (name, said, className) => { const el = document.createElement(name); el.textContent = said; if (className) el.className = className; return el; };

  function show() {
    const items = queue(), strip = document.getElementById("offline"), place = document.getElementById("pending"), none = document.getElementById("none");
    const stuck = items.filter((one) => one.refused), waits = items.length - stuck.length;
    strip.hidden = !(waits && (problem || !navigator.onLine));
    document.getElementById("waiting").textContent = problem || document.getElementById("waiting").dataset.one.replace("{n}", waits);
    if (none) none.hidden = items.length > 0;
    if (!place) return;
    place.replaceChildren(...items.slice().reverse().map((one) => {
      const row = text("div", "", "hs-item"), said = text("div", "", "grow"), at = new Date(one.at);
      const clock = `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
      said.append(text("h4", one.label), text("p", one.refused ? `${page.dataset.refused}：${one.refused}` : clock));
      row.append(said);
      if (!one.refused) row.append(text("span", page.dataset.waits, "hs-tag hs-tag_gold"));
      const undo = text("button", one.refused ? page.dataset.remove : page.dataset.undo, "weui-btn weui-btn_plain weui-btn_mini");
      undo.type = "button";
      undo.addEventListener("click", () => { if (!one.inFlight) { drop(one.key); show(); } });
      row.append(undo);
      return row;
    }));
  }

  async function post(url, body) {
    return fetch(url, { method: "POST", body, headers: { "HX-Request": "true", "X-CSRFToken": token() }, credentials: "same-origin", redirect: "manual" });
  }

  function body(one) {
    const out = new FormData();
    for (const name of ["key", "reason", "store", "at", "products", "customer", "note"]) out.append(name, one[name] || "");
    return out;
  }

  function refuse(key, why) {
    keep(queue().map((one) => (one.key === key ? { ...one, refused: why } : one)));
  }

  /* In the order in which they were tapped. Whatever the server did not take stays, and says why. */
  async function flush() {
    if (sending) return;
    sending = true;
    problem = "";
    try {
      for (let one; (one = queue().find((item) => !item.refused)); ) {
        const answer = await post(page.dataset.url, body(one));
        if (answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect") { problem = page.dataset.lost; break; }
        if (answer.status >= 500 || answer.status === 429) break;
        const said = await answer.text();
        if (answer.ok) { drop(one.key); swap(said); continue; }
        const shown = new DOMParser().parseFromString(said, "text/html").querySelector("[role=alert]");
        refuse(one.key, shown ? shown.textContent.trim() : String(answer.status));
      }
    } catch { /* no net: it stays where it is */ }
    sending = false;
    show();
  }

  function swap(html) {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    rows.replaceChildren(...parsed.body.childNodes);
    show();
  }

  form.addEventListener("submit", (e) => {
    const button = e.submitter;
    if (!button || button.name !== "reason") return;
    e.preventDefault();
    if (button.dataset.done) return; // the second half of a double tap
    button.dataset.done = "1";
    setTimeout(() => delete button.dataset.done, AGAIN);
    const one = {
      key: id(), reason: button.value, label: button.textContent.trim(), store: form.elements.store.value, at: new Date().toISOString(),
      products: [...picked.keys()].join("\n"), customer: form.elements.customer.value, note: form.elements.note.value,
    };
    if (!keep([...queue(), one])) { HTMLFormElement.prototype.submit.call(withReason(button)); return; } // nowhere to keep it: the plain way
    if (navigator.vibrate) navigator.vibrate(20);
    clear();
    const before = rows.querySelector(".hs-strip");
    if (before) before.remove(); // it spoke of the tap before
    show();
    flush();
  });

  function withReason(button) {
    const field = document.createElement("input");
    field.type = "hidden"; field.name = "reason"; field.value = button.value;
    form.append(field);
    return form;
  }

  function clear() {
    picked.clear();
    form.elements.customer.value = form.elements.note.value = "";
    document.getElementById("product").value = "";
    document.getElementById("found").replaceChildren();
    document.getElementById("more").open = false;
    showPicked();
  }

  rows.addEventListener("submit", async (e) => {
    const undo = e.target.closest("[data-undo-form]");
    if (!undo) return;
    e.preventDefault();
    undo.querySelector("button").disabled = true;
    try {
      const answer = await post(undo.action, new FormData(undo));
      if (answer.ok || answer.status === 422) swap(await answer.text());
      else location.reload();
    } catch { undo.querySelector("button").disabled = false; }
  });

  /* products */
  let timer;
  document.getElementById("product").addEventListener("input", (e) => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const asked = e.target.value.trim(), found = document.getElementById("found");
      if (!asked) return found.replaceChildren();
      try {
        const answer = await fetch(`${page.dataset.search}?q=${encodeURIComponent(asked)}`, { credentials: "same-origin" });
        if (answer.ok && e.target.value.trim() === asked) found.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
      } catch { found.replaceChildren(); }
    }, 250);
  });
  document.getElementById("found").addEventListener("click", (e) => {
    const chip = e.target.closest("[data-code]");
    if (!chip) return;
    picked.set(chip.dataset.code, chip.dataset.name);
    document.getElementById("product").value = "";
    document.getElementById("found").replaceChildren();
    showPicked();
  });
  document.getElementById("picked").addEventListener("click", (e) => {
    const chip = e.target.closest("[data-code]");
    if (chip) { picked.delete(chip.dataset.code); showPicked(); }
  });
  function showPicked() {
    document.getElementById("picked").replaceChildren(...[...picked].map(([code, name]) => {
      const chip = text("button", name, "hs-chip");
      chip.type = "button"; chip.dataset.code = code; chip.setAttribute("aria-pressed", "true");
      return chip;
    }));
    document.getElementById("chosen").value = [...picked.keys()].join("\n");
  }

  const where = document.getElementById("store");
  if (where) where.addEventListener("change", () => where.form.submit());
  addEventListener("online", flush);
  addEventListener("offline", show);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
  setInterval(() => { if (!document.hidden && queue().length) flush(); }, EVERY);
  show();
  flush();
})();
