// Links to lines of a diff: ranges by shift-click, copies, lines a page lacks at first.
// Without this script a line's number is a plain link, and :target marks its row.
const PLACE = /^(m-[0-9a-f]{8})-([LR](\d+))$/;
const RANGE = /^(m-[0-9a-f]{8}-[LR]\d+)-([LR](\d+))$/;
const numbers = ".diff__number a";
const OWN = ["view", "wrap", "filter", "noise"]; // how one reads: no part of a link to pass on
const chosen = () => location.hash.slice(1);
const asked = () => new URL(location).searchParams.get("line") ?? "";
const rowOf = (id) => document.getElementById(id)?.closest(".diff__line");

// The end of the chosen range, if the address names one.
function lastOf() {
  const range = RANGE.exec(asked());
  return range?.[1] === chosen() ? range : null;
}

// The rows of a range, in whatever order its ends were chosen.
function rowsOf(first, last) {
  const rows = [...(rowOf(first)?.parentElement.querySelectorAll(".diff__line") ?? [])];
  const [low, high] = [first, last]
    .map((id) => rows.indexOf(rowOf(id)))
    .sort((a, b) => a - b);
  return low < 0 ? [] : rows.slice(low, high + 1);
}

// Marks the rows of a range, and says aloud what the address names.
function mark() {
  for (const row of document.querySelectorAll("[data-marked]")) delete row.dataset.marked;
  const place = PLACE.exec(chosen());
  const said = document.getElementById("line-said");
  if (!place || !rowOf(chosen())) return;
  const last = lastOf();
  const rows = last ? rowsOf(chosen(), `${place[1]}-${last[2]}`) : [];
  for (const row of rows) row.dataset.marked = "";
  const file = document.getElementById(place[1])?.getAttribute("aria-label") ?? "";
  const lines = last ? `Lines ${place[3]} to ${last[3]}` : `Line ${place[3]}`;
  if (said) said.textContent = `${lines} of ${file}`;
}

// The address of a line, with the level and without what is of the way there.
function addressOf(id, last, own = []) {
  const url = new URL(location);
  const level = document.getElementById("diff")?.dataset.level;
  if (level) url.searchParams.set("diff", level);
  for (const name of ["open", "file", "line", ...own]) url.searchParams.delete(name);
  url.hash = id;
  const link = document.querySelector(`${numbers}[href$="#${CSS.escape(id)}"]`);
  const comesLater = link && !link.getAttribute("href").startsWith("#");
  if (last || comesLater) url.searchParams.set("line", last ? `${id}-${last}` : id);
  return url;
}

addEventListener("click", (event) => {
  const link = event.target.closest?.(numbers);
  if (!link || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const id = link.hash.slice(1);
  const [from, to] = [PLACE.exec(chosen()), PLACE.exec(id)];
  const isRange = event.shiftKey && from && from[1] === to[1] && from[2] !== to[2];
  const url = isRange ? addressOf(chosen(), to[2]) : addressOf(id);
  if (!isRange) url.hash = "";
  history.replaceState(history.state, "", url);
  if (!isRange) location.hash = id; // only a move to it makes the row the :target
  link.focus({ preventScroll: true }); // a move to the hash has taken it
  mark();
});

// A line in a fold, or in a file beyond the first ones, is asked of the server.
function arrive() {
  const url = new URL(location);
  const isHere = !PLACE.test(chosen()) || rowOf(chosen());
  if (isHere || asked().startsWith(chosen()) || !document.getElementById("diff")) return mark();
  url.searchParams.set("line", chosen());
  location.replace(url);
}

class LineLink extends HTMLElement {
  connectedCallback() {
    this.querySelector("button").addEventListener("click", () => this.copy());
  }

  async copy() {
    const said = this.querySelector(".copy__said");
    const { id } = this.closest("article");
    const isLine = chosen().startsWith(`${id}-`);
    const url = addressOf(isLine ? chosen() : id, isLine && lastOf()?.[2], OWN);
    try {
      await navigator.clipboard.writeText(url.href);
      said.textContent = "Copied";
    } catch {
      history.replaceState(history.state, "", url);
      said.textContent = "In the address bar";
    }
    setTimeout(() => (said.textContent = ""), 2000);
  }
}

customElements.define("line-link", LineLink);
addEventListener("hashchange", arrive);
arrive();
