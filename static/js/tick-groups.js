// <tick-groups>: boxes of a list of changes that know their group and what they need.
// Without this script every change has its own box, and the server names what is missing.

class TickGroups extends HTMLElement {
  connectedCallback() {
    // Who may only look has no boxes, and what the server counted stays.
    if (!this.querySelector("[data-submit]")) return;
    this.addEventListener("change", (event) => this.changed(event.target));
    this.addEventListener("click", (event) => this.clicked(event));
    const form = this.closest("form") ?? this;
    form.addEventListener("submit", (event) => this.isClosed && event.preventDefault());
    this.update();
  }

  changed(box) {
    const group = box.closest(".changes__group");
    for (const one of group ? this.boxes(group.nextElementSibling) : []) one.checked = box.checked;
    this.update();
  }

  clicked(event) {
    const all = event.target.closest("[data-tick]");
    const include = event.target.closest("button[name=include]");
    if (!all && !include) return;
    event.preventDefault();
    const needs = this.missing.map((note) => note.dataset.needs);
    // What a rollback undid is ticked by name, or not at all.
    const ticks = (box) => all.dataset.tick === "all" && (box.checked || !box.closest("[data-held]"));
    if (all) for (const box of this.boxes(this)) box.checked = ticks(box);
    else for (const id of include.value === "needed" ? needs : [include.value]) this.include(id);
    this.update();
  }

  include(id) {
    const box = this.box(id);
    if (!box || box.checked) return;
    box.checked = true;
    const notes = box.closest(".changes__item").querySelectorAll("[data-needs]");
    for (const note of notes) this.include(note.dataset.needs);
  }

  get missing() {
    return [...this.querySelectorAll("[data-needs]:not([hidden])")];
  }

  boxes(inside) {
    return [...inside.querySelectorAll(".changes__item > .tick input:not(:disabled)")];
  }

  // A first release carries some changes whatever is ticked: their boxes are closed.
  ticked(inside) {
    return inside.querySelectorAll(".changes__item > .tick input:checked").length;
  }

  box(id) {
    return this.querySelector(`.changes__item[data-id="${CSS.escape(id)}"] > .tick input`);
  }

  update() {
    for (const group of this.querySelectorAll(".changes__group")) this.count(group);
    for (const note of this.querySelectorAll("[data-needs]")) this.note(note);
    const ticked = this.ticked(this);
    for (const place of this.querySelectorAll("[data-total]")) {
      place.textContent = `${ticked} of ${place.dataset.total} changes`;
    }
    for (const place of this.querySelectorAll("[data-left-out]")) {
      const left = place.dataset.leftOut - ticked;
      place.textContent = `${left} change${left === 1 ? " stays" : "s stay"} pending`;
    }
    this.gate(ticked, this.missing.length);
  }

  count(group) {
    const list = group.nextElementSibling;
    const boxes = this.boxes(list);
    const open = boxes.filter((box) => box.checked).length;
    const box = group.querySelector("input") ?? {};
    box.checked = this.ticked(list) > 0 && open === boxes.length;
    box.disabled = boxes.length === 0;
    box.indeterminate = open > 0 && open < boxes.length;
    const total = list.querySelectorAll(".changes__item").length;
    group.querySelector("[data-count]").textContent = `${this.ticked(list)} of ${total}`;
  }

  note(note) {
    const own = note.closest(".changes__item").querySelector(".tick input");
    note.hidden = !own.checked || (this.box(note.dataset.needs)?.checked ?? true);
  }

  gate(ticked, missing) {
    const reason = this.querySelector("[data-reason]");
    this.querySelector("[data-include]").hidden = missing === 0;
    const why = missing > 0 ? "Include what is needed, or untick what needs it." : ticked === 0 ? "Tick at least one change." : "";
    this.isClosed = why !== "";
    this.querySelector("[data-submit]").setAttribute("aria-disabled", String(this.isClosed));
    reason.textContent = why || reason.dataset.reason;
  }
}

customElements.define("tick-groups", TickGroups);
