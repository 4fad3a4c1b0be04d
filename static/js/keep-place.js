// What a swap or a reload leaves its reader: the focus (or its like, or the head of what came), open
// folds, ticks of a live part, what is written in another form. Without script pages load whole.

const POLL = "[hx-trigger^='every']";
const FIELDS = "a, button, input, select, summary, textarea";
const BOX = "[type=checkbox]";
const pressed = new WeakMap(); // by what asks: what had the focus then; a closed button loses it
let kept, aside;

const isNowhere = () => document.activeElement === document.body;
const what = (one) => one && [one.tagName, one.name, one.textContent.trim()].join(" ");
const written = (box) => [...box.querySelectorAll("textarea[id]")].filter((one) => one.value !== one.defaultValue);
// A head takes the focus from a script alone, and has to be made to in each page anew.
const focusable = (one) => Object.assign(one, one.tabIndex < 0 && { tabIndex: -1 });
const fields = (box) => [...box.querySelectorAll(FIELDS)];

// Where an element is, so that it is found again in another version of the page.
function place(one) {
  const around = [];
  for (let box = one.parentElement?.closest("[id]"); box; box = box.parentElement?.closest("[id]")) {
    around.push({ id: box.id, at: fields(box).indexOf(one) });
  }
  return { id: one.id, what: what(one), harmless: one.matches("a, summary") && one.tagName, around };
}

// A button only by its own words: at its place may stand another, with other effects.
function find(sought) {
  const same = document.getElementById(sought.id);
  if (same?.checkVisibility()) return focusable(same);
  const { id, at } = sought.around.find((one) => document.getElementById(one.id)?.checkVisibility()) ?? {};
  if (!id) return null;
  const box = document.getElementById(id);
  const there = fields(box)[at];
  if (there && (what(there) === sought.what || there.tagName === sought.harmless)) return there;
  const likes = fields(box).filter((one) => what(one) === sought.what && one.checkVisibility());
  return likes.length === 1 ? likes[0] : headOf(box);
}

function headOf(box) {
  const head = [...box.querySelectorAll("h1, h2, h3")].find((one) => one.offsetWidth > 1) ?? box;
  return focusable(head.closest("summary") ?? head);
}

// A file of a diff is folded by the answer: it was marked as viewed.
const folds = (box) => [...box.querySelectorAll("details[open]:not(.menu, .file > *) > summary")];
const keep = (box, focus) => ({ focus: focus && box.contains(focus) && place(focus), open: folds(box).map(place) });

function restore({ focus, open }) {
  for (const one of open) find(one)?.closest("summary")?.parentElement.setAttribute("open", "");
  if (focus && isNowhere()) find(focus)?.focus({ preventScroll: true });
}

// What asks by itself closes nothing, and gives back nothing that another has closed.
addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => elt.matches(POLL) || pressed.set(elt, document.activeElement));

addEventListener("htmx:beforeSwap", ({ detail: { shouldSwap, target, requestConfig: { elt: asks } } }) => {
  if (!shouldSwap || !target) return;
  const focus = isNowhere() ? pressed.get(asks) : document.activeElement;
  kept = {
    ...keep(target, focus),
    ticked: asks.matches(POLL) ? [...target.querySelectorAll(`${BOX}:checked`)].map((one) => [one.name, one.value]) : [],
    written: written(target).filter((one) => !asks.contains(one)).map((one) => [one.id, one.value]),
  };
});

addEventListener("htmx:afterSwap", () => {
  if (!kept) return;
  for (const [name, value] of kept.ticked) {
    const box = document.querySelector(`${BOX}[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]:enabled`);
    if (box) box.checked = true;
  }
  for (const [id, value] of kept.written) {
    const field = document.getElementById(id);
    if (field && !field.value) field.value = value;
  }
  document.querySelector("[data-focus]")?.focus();
  restore(kept);
  kept = null;
});

// What an answer takes along for another place of the page.
addEventListener("htmx:oobBeforeSwap", (event) => (aside = keep(event.detail.target, document.activeElement)));
addEventListener("htmx:oobAfterSwap", () => restore(aside));

// Refused, or told elsewhere: the button is open again, and has the focus it had.
addEventListener("htmx:afterRequest", ({ detail: { elt } }) => {
  const one = pressed.get(elt);
  pressed.delete(elt);
  if (one?.isConnected && isNowhere()) one.focus({ preventScroll: true });
});

// The page is about to load anew.
addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.defaultPrevented || !event.detail.xhr.getResponseHeader("HX-Refresh") || isNowhere()) return;
  sessionStorage.setItem("place", JSON.stringify({ path: location.pathname, ...place(document.activeElement) }));
});

const before = JSON.parse(sessionStorage.getItem("place"));
sessionStorage.removeItem("place");
if (before?.path === location.pathname && isNowhere()) find(before)?.focus({ preventScroll: true });
