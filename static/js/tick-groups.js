// <tick-groups>: boxes of a list of changes that know their group and what they need.
// Without this script every change has its own box, and the server names what is missing.

class TickGroups extends HTMLElement {
  connectedCallback() {
    // Who may only look has no boxes, and what the server counted stays.
    if (!this.querySelector("[data-submit]")) return;
    this.addEventListener("change", (event) => this.changed(event.target));
    this.addEventListener("click", (event) => this.clicked(event));
    this.closest("form")?.addEventListener("submit", (event) => {
      if (this.isClosed) event.preventDefault();
    });
    this.update();
  }

  changed(box) {
    const group = box.closest(".changes__group");
    if (group) {
      for (const one of this.boxes(group.nextElementSibling)) one.checked = box.checked;
    }
    this.update();
  }

  clicked(event) {
    const all = event.target.closest("[data-tick]");
    const include = event.target.closest("button[name=include]");
    if (!all && !include) return;
    event.preventDefault();
    if (all) {
      for (const box of this.boxes(this)) box.checked = all.dataset.tick === "all";
    } else {
      this.box(include.value).checked = true;
    }
    this.update();
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
    const missing = [...this.querySelectorAll("[data-needs]")].filter((note) => this.note(note));
    const ticked = this.ticked(this);
    for (const place of this.querySelectorAll("[data-total]")) {
      place.textContent = `${ticked} of ${place.dataset.total} changes`;
    }
    for (const place of this.querySelectorAll("[data-left-out]")) {
      const left = place.dataset.leftOut - ticked;
      place.textContent = left === 1 ? "1 change stays pending" : `${left} changes stay pending`;
    }
    this.gate(ticked, missing.length);
  }

  count(group) {
    const list = group.nextElementSibling;
    const boxes = this.boxes(list);
    const open = boxes.filter((box) => box.checked).length;
    const box = group.querySelector("input");
    box.checked = this.ticked(list) > 0 && open === boxes.length;
    box.disabled = boxes.length === 0;
    box.indeterminate = open > 0 && open < boxes.length;
    const all = list.querySelectorAll(".changes__item").length;
    group.querySelector("[data-count]").textContent = `${this.ticked(list)} of ${all}`;
  }

  note(note) {
    const own = note.closest(".changes__item").querySelector(".tick input");
    const needed = this.box(note.dataset.needs);
    note.hidden = !own.checked || !needed || needed.checked;
    return !note.hidden;
  }

  gate(ticked, missing) {
    const button = this.querySelector("[data-submit]");
    if (!button) return;
    const reason = this.querySelector("[data-reason]");
    let why = "";
    if (ticked === 0) why = "Tick at least one change.";
    if (missing > 0) why = "Include what is needed, or untick what needs it.";
    this.isClosed = why !== "";
    button.setAttribute("aria-disabled", String(this.isClosed));
    reason.textContent = why || reason.dataset.reason;
  }
}

customElements.define("tick-groups", TickGroups);
