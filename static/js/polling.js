// Polling rests while nobody looks, and says when it last succeeded.
// Without script nothing polls: a page shows its state when it is loaded.

const isPoll = (event) => event.target.closest?.("[hx-trigger^='every']") === event.target;

addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && isPoll(event)) event.preventDefault();
});

// A swap must not close what the reader opened, nor take the focus away.
let opened = [];
let focused = "";

addEventListener("htmx:beforeSwap", (event) => {
  if (!isPoll(event)) return;
  opened = [...event.target.querySelectorAll("details[id][open]")].map((one) => one.id);
  focused = event.target.contains(document.activeElement) ? document.activeElement.id : "";
});

addEventListener("htmx:afterSwap", () => {
  for (const id of opened) {
    const fold = document.getElementById(id);
    if (fold) fold.open = true;
  }
  if (focused) document.getElementById(focused)?.focus();
  opened = [];
  focused = "";
});
