// Search without a server: the index is a file beside the pages. Without JavaScript the menu is there.
(function () {
  "use strict";
  var form = document.getElementById("find"), words = document.getElementById("words"), found = document.getElementById("found");
  var pages = null;
  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  words.addEventListener("focus", function () {
    if (pages) { return; }
    pages = [];
    var script = document.createElement("script");  // a script, not fetch: it also works from the disk
    script.src = base_url + "/search/index.js";
    script.onload = function () { pages = window.accordPages; show(); };
    document.head.appendChild(script);
  });
  words.addEventListener("input", show);
  function show() {
    var asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    found.textContent = "";
    if (!asked.length) { return; }
    var best = pages.map(function (page) {
      var title = page.title.toLowerCase(), text = page.text.toLowerCase();
      var hits = asked.filter(function (word) { return title.includes(word) || text.includes(word); }).length;
      var first = asked.filter(function (word) { return title.includes(word); }).length;
      return { page: page, score: hits === asked.length ? 1 + 5 * first : 0 };
    }).filter(function (one) { return one.score; }).sort(function (a, b) { return b.score - a.score; }).slice(0, 8);
    best.forEach(function (one) {
      var item = document.createElement("li"), link = document.createElement("a");
      link.href = base_url + "/" + one.page.location;
      link.textContent = one.page.title;
      item.appendChild(link); found.appendChild(item);
    });
    if (!best.length && pages.length) { found.appendChild(document.createElement("li")).textContent = "Nothing found."; }
  }
}());
