// <approval-inbox>: keys, ranges and counts for a list that works without them.
// j, k and Enter belong to the shell (shortcuts.js); the profile switches all keys off.

class ApprovalInbox extends HTMLElement {
  connectedCallback() {
    this.last = null;
    this.listener = (event) => this.pressed(event);
    document.addEventListener("keydown", this.listener);
    this.addEventListener("click", (event) => this.clicked(event));
    this.addEventListener("change", () => this.count());
    this.addEventListener("htmx:load", (event) => this.peeked(event.target));
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
    if (event.target.closest("[data-all]")) {
      event.preventDefault();
      const rest = this.boxes.some((box) => !box.checked);
      for (const box of this.boxes) box.checked = rest;
      this.count();
    }
    if (event.target.matches(".tick input")) this.tick(event.target, event.shiftKey);
  }

  // With shift, all from the one ticked before to this one become like this one.
  tick(box, isRange) {
    const [all, from] = [this.boxes, this.boxes.indexOf(this.last)];
    if (isRange && from >= 0) {
      const [low, high] = [from, all.indexOf(box)].sort((a, b) => a - b);
      for (const one of all.slice(low, high + 1)) one.checked = box.checked;
    }
    this.last = box;
    this.count();
  }

  count() {
    const place = this.querySelector("[data-count]");
    if (place) place.textContent = `${this.boxes.filter((box) => box.checked).length} selected`;
  }

  peeked(peek) {
    if (peek.id !== "peek") return;
    for (const row of this.querySelectorAll(".inbox__row")) {
      row.toggleAttribute("data-selected", row.id === `request-${peek.dataset.item}`);
    }
    this.querySelector(".inbox-columns").classList.toggle("columns--aside-wide", !peek.hidden);
    // Where it takes the place of the list it begins at its head; closed, it gives the focus back.
    if (peek.hidden) this.querySelector(`#request-${this.opened} .inbox__title`)?.focus();
    else if (!this.querySelector(".inbox").offsetParent) scrollTo(0, 0);
    this.opened = peek.dataset.item;
  }

  pressed(event) {
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!document.querySelector("key-shortcuts")) return;
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
    if (box) box.checked = isRange || !box.checked;
    if (box) this.tick(box, isRange);
  }

  approve(place) {
    const why = place.querySelector("[data-why]")?.textContent ?? "";
    const button = place.querySelector("[data-approve]");
    button ? button.click() : (this.querySelector("[data-said]").textContent = why);
  }

  reject(place) {
    const field = place.querySelector("textarea");
    field?.closest("details")?.setAttribute("open", "");
    field?.focus();
    return field;
  }
}

customElements.define("approval-inbox", ApprovalInbox);
