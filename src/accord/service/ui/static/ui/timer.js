// Leads through a practice: the cue whose time has come stands out, and is read aloud if wished. Without this file the
// cues stand on the page with their times. Nothing is kept or sent.
for (const script of document.querySelectorAll("[data-timer]")) {
  const cues = [...script.querySelectorAll("[data-at]")].map((item) => ({ item, at: Number(item.dataset.at) }));
  const end = Number(script.dataset.minutes) * 60;
  const make = (tag, more) => Object.assign(document.createElement(tag), more);
  const bar = make("div", { className: "timer" });
  const clock = make("p", { className: "clock", ariaHidden: "true" });
  const told = make("p", { className: "hidden", role: "status" });
  const go = make("button", { type: "button", className: "button", textContent: script.dataset.start });
  const stop = make("button", { type: "button", className: "button quiet", textContent: script.dataset.stop, hidden: true });
  const label = make("label", { className: "choice slim" });
  const aloud = make("input", { type: "checkbox" });
  label.append(aloud, make("span", { textContent: script.dataset.aloud }));
  bar.append(go, stop, clock, told);
  if (window.speechSynthesis) bar.append(label);
  bar.append(script.querySelector(".way-out"));
  script.querySelector(".cues").before(bar);
  let gone = 0, since = 0, tick = 0, here = -1, awake = null;
  const seconds = () => Math.floor((gone + (since ? performance.now() - since : 0)) / 1000);
  const say = (words) => {
    told.textContent = words;
    if (!aloud.checked || !window.speechSynthesis) return;
    const said = new SpeechSynthesisUtterance(words);
    said.lang = document.documentElement.lang;
    said.rate = 0.85;
    speechSynthesis.cancel();
    speechSynthesis.speak(said);
  };
  const show = (place) => {
    here = place;
    cues.forEach(({ item }, number) => item.classList.toggle("in-turn", number === place));
    if (place < 0) return;
    cues[place].item.scrollIntoView({ block: "center" });
    say(cues[place].item.querySelector(".cue").innerText);
  };
  const look = () => {
    const at = seconds(), left = Math.max(end - at, 0);
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    const place = cues.findLastIndex((cue) => cue.at <= at);
    if (since && place !== here) show(place);
    if (at >= end) { finish(); say(script.dataset.end); clock.textContent = script.dataset.end; }
  };
  const hold = () => {
    gone += since ? performance.now() - since : 0;
    since = 0;
    clearInterval(tick);
    awake?.release?.().catch?.(() => {});
    awake = null;
    window.speechSynthesis?.cancel();
    go.textContent = script.dataset.on;
  };
  const finish = () => {
    hold();
    gone = 0;
    show(-1);
    script.classList.remove("running");
    go.textContent = script.dataset.start;
    stop.hidden = true;
    clock.textContent = "";
  };
  go.addEventListener("click", () => {
    if (since) return hold();
    since = performance.now();
    script.classList.add("running");
    go.textContent = script.dataset.pause;
    stop.hidden = false;
    tick = setInterval(look, 250);
    look();
    navigator.wakeLock?.request("screen").then((lock) => { awake = lock; }, () => {});
  });
  stop.addEventListener("click", finish);
  document.addEventListener("keydown", (key) => { if (key.key === "Escape" && script.classList.contains("running")) finish(); });
}
