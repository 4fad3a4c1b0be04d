// Live parts: elements with hx-trigger="every …" ask again by themselves, with the ETag
// of what they show. They rest while nobody looks, or while somebody types or marks text
// in them, and for good once nobody is logged in. Without script nothing polls: a page
// shows its state of when it was loaded, and says so.

const POLL = "[hx-trigger^='every']";
const SAY_EVERY = 5000;
const LOGGED_OUT = 401;

const polled = (event) => (event.detail.elt?.matches?.(POLL) ? event.detail.elt : null);
const tags = new Map(); // by id: the tag of what a part shows
const asked = new Map(); // by id: when it was last known to be so
const loaded = Date.now();
let isOver = false;

const isWritten = (part) =>
  [...part.querySelectorAll("textarea, input")].some((one) => one.value !== one.defaultValue);

const isBusy = (part) => {
  const marked = getSelection();
  return (!marked.isCollapsed && part.contains(marked.anchorNode)) || isWritten(part);
};

addEventListener("htmx:configRequest", (event) => {
  const part = polled(event);
  if (part && tags.has(part.id)) event.detail.headers["If-None-Match"] = tags.get(part.id);
});

addEventListener("htmx:beforeRequest", (event) => {
  const part = polled(event);
  if (part && (isOver || document.hidden || isBusy(part))) event.preventDefault();
});

// The whole page has moved on: it loads anew, but not over what somebody is writing.
addEventListener("htmx:beforeOnLoad", (event) => {
  if (!event.detail.xhr.getResponseHeader("HX-Refresh") || !polled(event)) return;
  if (!isWritten(document.getElementById("main"))) return;
  event.preventDefault();
  const flash = document.getElementById("flash");
  if (!flash.querySelector("[data-moved]")) flash.append(document.getElementById("moved").content.cloneNode(true));
});

addEventListener("htmx:beforeSwap", (event) => {
  const part = polled(event);
  if (!part) return;
  const { xhr, pathInfo } = event.detail;
  isOver ||= xhr.status === LOGGED_OUT;
  // Led elsewhere: that is another page, and no part of this one.
  const left = new URL(xhr.responseURL).pathname !== new URL(pathInfo.requestPath, location).pathname;
  if (left) event.detail.shouldSwap = false;
  if (left || xhr.status >= 400) return;
  asked.set(part.id, Date.now());
  say();
  if (xhr.status !== 304) tags.set(part.id, xhr.getResponseHeader("ETag"));
});

addEventListener("htmx:afterSwap", say);

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
