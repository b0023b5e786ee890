// Keeps what is being typed: a form with data-drafts is sent as a draft two seconds after the last key, and when the
// page is left. "Kept" is only said after the server said so; without this file the buttons do the same.
for (const form of document.querySelectorAll("form[data-drafts]")) {
  const text = form.querySelector("textarea");
  const said = form.querySelector("[data-kept]");
  let timer = 0, last = text.value, busy = false;
  const body = () => {
    const data = new FormData(form);
    data.set("act", "autosave");
    return data;
  };
  const keep = async () => {
    if (busy || text.value === last) return;
    busy = true;
    const given = text.value;
    try {
      const answer = await fetch(form.action || location.href, { method: "POST", body: body(), credentials: "same-origin" });
      const told = await answer.json();
      if (answer.ok) {
        form.elements.revision.value = told.revision;
        last = given;
      }
      said.textContent = told.said;
    } catch {
      said.textContent = said.dataset.notKept;
    }
    busy = false;
    if (text.value !== last && text.value !== given) later();
  };
  const later = () => { clearTimeout(timer); timer = setTimeout(keep, 2000); };
  text.addEventListener("input", later);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && text.value !== last) navigator.sendBeacon(form.action || location.href, body());
  });
  form.addEventListener("submit", () => { clearTimeout(timer); last = text.value; });
}
