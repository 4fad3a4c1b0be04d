// <key-shortcuts>: the keys listed inside it. It is on the page only if the profile says so.
// Inactive while typing and with modifier keys.

const PLACES = { d: "/", a: "/approvals", p: "/projects" };
const ROWS = ".inbox__title, .table tbody th a, .matrix .cell, .tree__link";

class KeyShortcuts extends HTMLElement {
  connectedCallback() {
    this.waiting = false;
    this.listener = (event) => this.pressed(event);
    document.addEventListener("keydown", this.listener);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.listener);
  }

  pressed(event) {
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
    if (typing && event.key === "Escape") typing.blur();
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.waiting && PLACES[event.key]) return location.assign(PLACES[event.key]);
    this.waiting = event.key === "g";
    if (event.key === "/") this.search(event);
    if (event.key === "?") this.querySelector("[popover]").togglePopover();
    if (event.key === "j" || event.key === "k") this.move(event.key === "j" ? 1 : -1);
    // Pages have keys of their own: those of their buttons.
    if (/^[a-z]$/.test(event.key)) document.querySelector(`button[data-key="${event.key}"]`)?.click();
  }

  search(event) {
    const field = [...document.querySelectorAll("input[type=search]")].find((one) => one.offsetParent);
    if (!field) return;
    event.preventDefault();
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
