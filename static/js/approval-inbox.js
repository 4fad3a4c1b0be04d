// <approval-inbox>: keys, ranges and counts for a list that works without them.
// j, k and Enter belong to the shell (shortcuts.js); the profile switches all keys off.
class ApprovalInbox extends HTMLElement {
  connectedCallback() {
    this.last = null;
    this.listener = (event) => this.pressed(event);
    document.addEventListener("keydown", this.listener);
    this.addEventListener("click", (event) => this.clicked(event));
    this.addEventListener("change", () => this.count());
    this.addEventListener("htmx:load", (event) => this.loaded(event.target));
    this.opened = this.querySelector("#peek")?.dataset.item;
    this.count();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.listener);
  }

  get boxes() {
    return [...this.querySelectorAll(".inbox__row > .tick input:enabled")];
  }

  // The row with the focus, else the one that is open beside the list.
  get row() {
    return document.activeElement?.closest(".inbox__row") ?? this.querySelector(".inbox__row[data-selected]");
  }

  clicked(event) {
    if (event.target.matches(".tick input")) this.tick(event.target, event.shiftKey);
    if (!event.target.closest("[data-all]")) return;
    event.preventDefault();
    const all = this.boxes.every((box) => box.checked);
    for (const box of this.boxes) box.checked = !all;
    this.count();
  }

  // With shift, all from the one ticked before to this one become like this one.
  tick(box, isRange) {
    const [all, from] = [this.boxes, this.boxes.indexOf(this.last)];
    const [low, high] = [from, all.indexOf(box)].sort((a, b) => a - b);
    if (isRange && from >= 0) for (const one of all.slice(low, high + 1)) one.checked = box.checked;
    this.last = box;
    this.count();
  }

  count() {
    const ticked = this.boxes.filter((box) => box.checked).length;
    for (const place of this.querySelectorAll("[data-count]")) place.textContent = `${ticked} selected`;
  }

  // A list that was looked at again marks the open one; a peek moves the mark.
  loaded(part) {
    const item = part.id === "peek" ? part.dataset.item : this.opened;
    for (const row of this.querySelectorAll(".inbox__row")) row.toggleAttribute("data-selected", row.id === `request-${item}`);
    if (part.id === "peek") this.peeked(part);
    this.count();
  }

  peeked(peek) {
    this.querySelector(".inbox-columns").classList.toggle("columns--aside-wide", !peek.hidden);
    // Where it takes the place of the list it begins at its head; closed, it gives the focus back.
    if (peek.hidden) this.querySelector(`#request-${this.opened} .inbox__title`)?.focus();
    else if (!this.querySelector(".inbox").offsetParent) scrollTo(0, 0);
    this.opened = peek.dataset.item;
  }

  pressed(event) {
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
    const isOff = !document.querySelector("key-shortcuts");
    if (typing || isOff || event.ctrlKey || event.metaKey || event.altKey) return;
    const place = this.row ?? this.querySelector("#peek:not([hidden])");
    if (event.key === "Escape") this.querySelector("[data-close]")?.click();
    if (!place) return;
    if (event.key === "x" || event.key === "X") this.toggle(place, event.shiftKey);
    if (event.key === "a") this.approve(place);
    if (event.key === "o" && place.dataset.url) location.assign(place.dataset.url);
    if (event.key === "r" && this.reject(place)) event.preventDefault();
  }

  toggle(row, isRange) {
    const box = row.querySelector(".tick input:enabled");
    if (!box) return;
    box.checked = isRange || !box.checked;
    this.tick(box, isRange);
  }

  approve(place) {
    const [button, why] = [place.querySelector("[data-approve]"), place.querySelector("[data-why]")];
    button ? button.click() : (this.querySelector("[data-said]").textContent = why?.textContent ?? "");
  }

  reject(place) {
    const field = place.querySelector("textarea");
    field?.closest("details")?.setAttribute("open", "");
    field?.focus();
    return field;
  }
}

customElements.define("approval-inbox", ApprovalInbox);
