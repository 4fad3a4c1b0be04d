// Live parts: elements with hx-trigger="every …" ask again by themselves, with the ETag
// of what they show. They rest while nobody looks, or while somebody types or marks text
// in them; a swap keeps focus, ticks and open folds. Without script nothing polls: a page
// shows its state of when it was loaded, and says so.

const POLL = "[hx-trigger^='every']";
const FIELDS = "a, button, input, select, summary, textarea";
const SAY_EVERY = 5000;

const polled = (event) => (event.detail.elt?.matches?.(POLL) ? event.detail.elt : null);
const tags = new Map(); // by id: the tag of what a part shows
const asked = new Map(); // by id: when it was last known to be so
const loaded = Date.now();
let kept = null;

// Where an element is, so that it is found again in another version of its part.
const place = (part, element) => {
  const near = element.closest("[id]");
  const box = part.contains(near) ? near : part;
  return { box: box.id, at: [...box.querySelectorAll(FIELDS)].indexOf(element), id: element.id };
};
const find = ({ box, at, id }) =>
  (id && document.getElementById(id)) || document.getElementById(box)?.querySelectorAll(FIELDS)[at];

const isBusy = (part) => {
  const marked = getSelection();
  if (!marked.isCollapsed && part.contains(marked.anchorNode)) return true;
  return [...part.querySelectorAll("textarea, input:not([type])")].some((one) => one.value !== one.defaultValue);
};

addEventListener("htmx:configRequest", (event) => {
  const part = polled(event);
  if (part && tags.has(part.id)) event.detail.headers["If-None-Match"] = tags.get(part.id);
});

addEventListener("htmx:beforeRequest", (event) => {
  const part = polled(event);
  if (part && (document.hidden || isBusy(part))) event.preventDefault();
});

addEventListener("htmx:beforeSwap", (event) => {
  const part = polled(event);
  if (!part) return;
  const { xhr, pathInfo } = event.detail;
  // Led elsewhere: the session has ended, and this is the page to log in.
  const left = new URL(xhr.responseURL).pathname !== new URL(pathInfo.requestPath, location).pathname;
  if (left || xhr.status === 304) event.detail.shouldSwap = false;
  if (left || xhr.status >= 400) return;
  asked.set(part.id, Date.now());
  say();
  if (xhr.status === 304) return;
  tags.set(part.id, xhr.getResponseHeader("ETag"));
  const focus = document.activeElement;
  kept = {
    focus: part.contains(focus) && place(part, focus),
    open: [...part.querySelectorAll("details[open] > summary")].map((one) => place(part, one)),
    ticked: [...part.querySelectorAll("[type=checkbox]:checked")].map((one) => [one.name, one.value]),
  };
});

addEventListener("htmx:afterSwap", (event) => {
  if (!kept) return;
  const { focus, open, ticked } = kept;
  kept = null;
  for (const one of open) find(one)?.closest("details")?.setAttribute("open", "");
  for (const [name, value] of ticked) {
    const box = document.querySelector(`[type=checkbox][name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]:enabled`);
    if (box) box.checked = true;
  }
  if (focus) find(focus)?.focus({ preventScroll: true });
  say();
});

// Whoever comes back sees at once what moved meanwhile.
addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const part of document.querySelectorAll(POLL)) part.dispatchEvent(new Event("look"));
});

const ago = (seconds) => {
  if (seconds < 5) return "just now";
  return seconds < 60 ? `${seconds - (seconds % 5)} s ago` : `${Math.floor(seconds / 60)} min ago`;
};

function say() {
  for (const place of document.querySelectorAll("[data-updated]")) {
    const since = asked.get(place.closest(POLL)?.id) ?? loaded;
    place.textContent = `updated ${ago(Math.floor((Date.now() - since) / 1000))}`;
  }
}

setInterval(say, SAY_EVERY);
say();
