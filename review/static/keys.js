// The keyboard. Every key clicks something that is on the page with its key written on it; without this script all of
// it can still be clicked. Nothing here builds markup from data.
"use strict";

let leaving = false; // one decision per page: keys pressed while the next page loads are not for this one

addEventListener("pageshow", () => { leaving = false; });
document.addEventListener("submit", (event) => {
  if (leaving) event.preventDefault();
  else if (event.target.method === "post") leaving = true;
});

// An input method for Chinese swallows letters typed outside of fields and only tells which key it was.
function pressed(event) {
  if (event.key !== "Process") return event.key;
  if (event.code === "Slash") return event.shiftKey ? "?" : "/";
  return event.code.replace(/^(Key|Digit|Numpad)/, "").toLowerCase();
}

function typing(target) {
  return target.closest("textarea, select, input:not([type=hidden])") !== null;
}

function move(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement);
  const row = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: row.matches("article") ? "start" : "nearest" });
}

function note(open) {
  const summary = document.querySelector("[data-note]");
  if (!summary) return;
  const details = summary.closest("details");
  details.open = open;
  if (open) details.querySelector("textarea").focus();
}

document.addEventListener("keydown", (event) => {
  if (typing(event.target)) {
    if (event.key === "Escape") {
      event.target.blur();
      if (event.target.matches("textarea")) note(false);
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) {
      document.querySelector("[data-save]").click();
    }
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat && !"jk".includes(event.key)) return;
  if (document.querySelector("dialog[open]")) return;
  const key = pressed(event);
  if (key === "j" || key === "k") move(key === "j" ? 1 : -1);
  else if (key === "n" && document.querySelector("[data-note]")) note(true);
  else if (key === "/" && document.querySelector("[data-focus]")) document.querySelector("[data-focus]").select();
  else {
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!target || leaving) return;
    target.click();
  }
  event.preventDefault();
});

for (const link of document.querySelectorAll("[data-dialog]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById(link.dataset.dialog).showModal();
  });
}
