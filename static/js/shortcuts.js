// <key-shortcuts>: the keys listed inside it. It is on the page only if the profile says so.
// Inactive while typing and with modifier keys.

const PLACES = { d: "/", a: "/approvals", p: "/projects", h: "/help" };
const ROWS =
  ".inbox__title, .table tbody th > a, .matrix a.cell, .tree__link, .hit__link, .waiting__what a, .card h3 a, .help__card a";

class KeyShortcuts extends HTMLElement {
  connectedCallback() {
    this.waiting = false;
    this.listener = (event) => this.pressed(event);
    // Before the keys of a page: after "g", "a" leads to approvals and approves nothing.
    document.addEventListener("keydown", this.listener, { capture: true });
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.listener, { capture: true });
  }

  pressed(event) {
    const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (typing && event.key === "Escape") typing.blur();
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const place = this.waiting && PLACES[event.key];
    this.waiting = event.key === "g" && !this.waiting;
    if (place) {
      event.stopImmediatePropagation();
      return location.assign(place);
    }
    if (event.key === "/") this.search(event);
    if (event.key === "?") this.querySelector("[popover]").togglePopover();
    if (event.key === "j" || event.key === "k") this.move(event.key === "j" ? 1 : -1);
    // Pages have keys of their own: those of their buttons.
    if (/^[a-z]$/.test(event.key)) document.querySelector(`button[data-key="${event.key}"]`)?.click();
  }

  // The field in the frame; where a phone shows only an icon, its page.
  search(event) {
    const field = document.querySelector(".topbar__search input");
    event.preventDefault();
    if (!field?.offsetParent) return document.querySelector(".topbar__find")?.click();
    field.focus();
    field.select();
  }

  move(step) {
    const rows = [...document.querySelectorAll(ROWS)].filter((row) => row.offsetParent);
    if (rows.length === 0) return;
    const at = rows.indexOf(document.activeElement);
    const next = at < 0 && step < 0 ? rows.length - 1 : at + step;
    rows[Math.min(Math.max(next, 0), rows.length - 1)].focus();
  }
}

customElements.define("key-shortcuts", KeyShortcuts);
