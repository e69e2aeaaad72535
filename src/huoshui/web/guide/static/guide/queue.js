/* What is tapped waits in the phone until the server has said that it has it. Each entry has a key of its own, so that sending
   it again counts nothing twice. Forms with data-queue go this way; without scripts they are posted as they are. */
(function () {
  "use strict";
  const page = document.getElementById("guide"), box = `hs-guide:${page.dataset.who}`, EVERY = 20000;
  const csrf = document.querySelector("[name=csrfmiddlewaretoken]");
  let sending = false, problem = "";

  const queue = () => { try { return JSON.parse(localStorage.getItem(box) || "[]"); } catch { return []; } };
  const keep = (items) => { try { localStorage.setItem(box, JSON.stringify(items)); return true; } catch { return false; } };
  const drop = (key) => keep(queue().filter((one) => one.key !== key));
  const id = () => (crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`);
  const cookie = () => (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1];
  const token = () => (csrf ? csrf.value : cookie() || "");
  const text = (name, said, className) => { const el = document.createElement(name); el.textContent = said; if (className) el.className = className; return el; };

  function show() {
    const items = queue(), stuck = items.filter((one) => one.refused), waits = items.length - stuck.length;
    document.getElementById("offline").hidden = !(waits && (problem || !navigator.onLine));
    document.getElementById("waiting").textContent = problem || page.dataset.waits.replace("{n}", waits);
    document.getElementById("stuck").replaceChildren(...stuck.map((one) => {
      const row = text("div", "", "hs-strip hs-strip_stop"), away = text("button", page.dataset.remove, "weui-btn weui-btn_plain weui-btn_mini");
      row.setAttribute("role", "alert");
      away.type = "button";
      away.addEventListener("click", () => { drop(one.key); show(); });
      row.append(text("span", `${one.label}：${page.dataset.refused}。${one.refused}`, "grow"), away);
      return row;
    }));
  }

  function saved() {
    const strip = document.getElementById("saved");
    strip.querySelector("span").textContent = page.dataset.saved;
    strip.hidden = false;
  }

  /* In the order in which they were tapped. Whatever the server did not take stays, and says why. */
  async function flush() {
    if (sending || !token()) return;
    sending = true;
    problem = "";
    try {
      for (let one; (one = queue().find((item) => !item.refused)); ) {
        const body = new FormData();
        for (const [name, value] of Object.entries(one.fields)) body.append(name, value);
        const answer = await fetch(one.url, { method: "POST", body, headers: { "HX-Request": "true", "X-CSRFToken": token() }, credentials: "same-origin", redirect: "manual" });
        if (answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect") { problem = page.dataset.lost; break; }
        if (answer.status >= 500 || answer.status === 429) break;
        if (answer.ok) { drop(one.key); saved(); continue; }
        const why = answer.status === 422 ? (await answer.text()).trim() : String(answer.status);
        keep(queue().map((item) => (item.key === one.key ? { ...item, refused: why } : item)));
      }
    } catch { /* no net: it stays where it is */ }
    sending = false;
    show();
  }

  for (const form of document.querySelectorAll("form[data-queue]")) {
    form.addEventListener("submit", (e) => {
      const fields = Object.fromEntries(new FormData(form));
      delete fields.csrfmiddlewaretoken;
      fields.at = new Date().toISOString();
      if (!keep([...queue(), { key: fields.key, url: form.getAttribute("action"), label: form.dataset.label, fields }])) return; // nowhere to keep it: the plain way
      e.preventDefault();
      form.reset();
      form.elements.key.value = id(); // the next one is another
      if (navigator.vibrate) navigator.vibrate(20);
      document.getElementById("saved").hidden = true;
      show();
      flush();
      scrollTo(0, 0);
    });
  }
  /* She may pay while her page is open: its head says so within twenty seconds. */
  async function news() {
    const head = document.getElementById("head");
    if (!head || document.hidden || !navigator.onLine) return;
    try {
      const answer = await fetch(head.dataset.news, { credentials: "same-origin", redirect: "manual" });
      if (answer.status === 200) head.outerHTML = await answer.text();
    } catch { /* the next time */ }
  }

  addEventListener("online", flush);
  addEventListener("offline", show);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
  setInterval(() => { if (!document.hidden && queue().length) flush(); news(); }, EVERY);
  show();
  flush();
})();
