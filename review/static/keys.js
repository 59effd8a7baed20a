// The keyboard. Every key clicks something that is on the page with its key written on it; without this script all of
// it can still be clicked. Nothing here builds markup from data.
"use strict";

let leaving = false; // one decision per page: keys pressed while the next page loads are not for this one

addEventListener("pageshow", () => { leaving = false; document.body.removeAttribute("aria-busy"); });
document.addEventListener("submit", (event) => {
  if (leaving) event.preventDefault();
  else if (event.target.method === "post") {
    leaving = !event.target.querySelector(".file"); // a download leaves the page where it is
    if (leaving) document.body.setAttribute("aria-busy", "true");
  }
});

// An input method for Chinese swallows letters typed outside of fields and only tells which key it was.
function pressed(event) {
  if (event.key !== "Process") return event.key.toLowerCase();
  if (event.code === "Slash") return event.shiftKey ? "?" : "/";
  return event.code.replace(/^(Key|Digit|Numpad)/, "").toLowerCase();
}

function typing(target) {
  return target.closest("textarea, select, input:not([type=hidden], [type=checkbox])") !== null;
}

function move(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement.closest("[data-row]"));
  const row = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: row.matches("article") ? "start" : "nearest" });
}

function tick() { // the document that has the focus, else the first one
  const row = document.activeElement.closest("article[data-row]") ?? document.querySelector("article[data-row]");
  row?.querySelector("[data-tick]")?.click();
}

function pop(details, open) {
  for (const other of document.querySelectorAll(".decide details[open]")) other.open = false;
  details.open = open;
  if (open) details.querySelector("textarea, select, input:not([type=hidden])")?.focus();
}

function act(target) {
  if (target.matches("summary")) pop(target.parentElement, true);
  else if (target.matches("input")) target.select();
  else target.click();
}

const choice = document.querySelector("[data-down]")?.dataset ?? {};
const ticking = document.querySelector(".decide .hint kbd")?.textContent;

document.addEventListener("keydown", (event) => {
  const opened = document.querySelector(".decide details[open]");
  if (event.key === "Escape" && opened) {
    opened.querySelector("summary").focus();
    pop(opened, false);
    return;
  }
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) {
      event.target.closest("details, form").querySelector("[data-save]")?.click();
    }
    return;
  }
  const key = pressed(event);
  const moving = key === choice.down || key === choice.up;
  if (event.ctrlKey || event.altKey || event.metaKey || (event.repeat && !moving)) return;
  if (document.querySelector("dialog[open]")) return;
  if (moving) move(key === choice.down ? 1 : -1);
  else if (ticking && key === ticking) tick();
  else {
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!target || leaving) return;
    act(target);
  }
  event.preventDefault();
});

for (const link of document.querySelectorAll("[data-dialog]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById(link.dataset.dialog).showModal();
  });
}
