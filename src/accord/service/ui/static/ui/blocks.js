// Keeps what is being typed in a lesson: each block of a page is kept as a draft two seconds after its last change, and
// when the page is left. "Kept" is only said after the server said so; without this file the buttons do the same.
for (const block of document.querySelectorAll("[data-block]")) {
  const form = block.closest("form");
  const said = block.querySelector("[data-kept]");
  const draft = block.querySelector("[data-draft]");
  const fields = () => {
    const data = new FormData();
    for (const [name, value] of new FormData(form)) {
      if (name.startsWith(`${block.id}.`) || name === "csrfmiddlewaretoken") data.append(name, value);
    }
    data.set("act", "autosave");
    return data;
  };
  const typed = () => JSON.stringify([...fields()].filter(([name]) => name !== draft.name));
  let timer = 0, last = typed(), busy = false;
  const keep = async () => {
    const given = typed();
    if (busy || given === last) return;
    busy = true;
    try {
      const answer = await fetch(block.dataset.block, { method: "POST", body: fields(), credentials: "same-origin" });
      const told = await answer.json();
      if (answer.ok) { draft.value = told.revision; last = given; }
      if (said) said.textContent = told.said;
    } catch {
      if (said) said.textContent = said.dataset.notKept;
    }
    busy = false;
    if (typed() !== last && typed() !== given) later();
  };
  const later = () => { clearTimeout(timer); timer = setTimeout(keep, 2000); };
  block.addEventListener("input", later);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && typed() !== last) navigator.sendBeacon(block.dataset.block, fields());
  });
  form.addEventListener("submit", () => { clearTimeout(timer); last = typed(); });
}
