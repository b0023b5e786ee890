// Reads a page aloud with the browser's own voice, paragraph by paragraph, and prints. Both buttons are hidden without
// this file, since a browser can be asked for neither without it.
const voice = window.speechSynthesis;
const button = document.querySelector("[data-listen]");
if (voice && button) {
  const start = button.textContent;
  let queue = [];
  const stop = () => {
    queue = [];
    voice.cancel();
    document.querySelector(".being-read")?.classList.remove("being-read");
    button.textContent = start;
    button.setAttribute("aria-pressed", "false");
  };
  const next = () => {
    document.querySelector(".being-read")?.classList.remove("being-read");
    const one = queue.shift();
    if (!one) return stop();
    const said = new SpeechSynthesisUtterance(one.innerText);
    said.lang = document.documentElement.lang;
    said.rate = 0.95;
    said.onend = () => { if (button.getAttribute("aria-pressed") === "true") next(); };
    said.onerror = stop;
    one.classList.add("being-read");
    voice.speak(said);
  };
  button.hidden = false;
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-pressed") === "true") return stop();
    const read = "main h1, main .lead, main .prose > *, main .lesson-row p, main .quiz-asked, main .quiz summary, main .field > label, main .field > legend, main .cue";
    queue = [...document.querySelectorAll(read)].filter((one) => one.checkVisibility() && one.innerText.trim());
    button.textContent = button.dataset.stop;
    button.setAttribute("aria-pressed", "true");
    next();
  });
  window.addEventListener("pagehide", () => voice.cancel());
}
for (const print of document.querySelectorAll("[data-print]")) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
