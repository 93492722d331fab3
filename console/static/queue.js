// Keys for the queue of tips: j and k walk, x ticks, / leads to the filters. Enter is the
// browser's own. Without this file everything is done with Tab and the mouse.
"use strict";
(() => {
  const links = [...document.querySelectorAll("a[data-tip]")];
  const typing = new Set(["INPUT", "SELECT", "TEXTAREA"]);
  const walk = (step) => {
    const at = links.indexOf(document.activeElement);
    const to = at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1);
    if (links[to]) links[to].focus();
  };
  const tick = () => {
    const row = document.activeElement && document.activeElement.closest("tr");
    const box = row && row.querySelector("input[type=checkbox]");
    if (box) box.checked = !box.checked;
  };
  const filters = () => {
    const first = document.getElementById("viec");
    if (!first) return;
    first.closest("details").open = true;
    first.focus();
  };
  const acts = { j: () => walk(1), k: () => walk(-1), x: tick, "/": filters };
  document.addEventListener("keydown", (event) => {
    const isOther = event.ctrlKey || event.metaKey || event.altKey;
    if (isOther || (typing.has(event.target.tagName) && event.target.type !== "checkbox")) return;
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
