// <tree-filter for="id">: leaves only those files in a tree, and in the list of that id,
// whose path holds what is typed. On a phone the tree begins folded: the files come first.
// Without this script the form asks the server.

class TreeFilter extends HTMLElement {
  connectedCallback() {
    if (matchMedia("(width < 40rem)").matches) this.closest("details").open = false;
    this.addEventListener("input", (event) => this.filter(event.target.value));
  }

  filter(typed) {
    const wanted = typed.trim().toLowerCase();
    const list = document.getElementById(this.getAttribute("for"));
    const tree = [...this.closest(".tree").querySelectorAll("li")];
    const files = [...list.querySelectorAll(".review__kind, article")];
    for (const rows of [tree, files]) {
      let head = null;
      for (const row of rows) {
        if (row.dataset.path === undefined) {
          head = row;
          head.hidden = wanted !== "" && !head.matches(".tree__rest");
          continue;
        }
        row.hidden = !row.dataset.path.toLowerCase().includes(wanted);
        if (!row.hidden && head) head.hidden = false;
      }
    }
    const articles = files.filter((one) => one.matches("article"));
    const left = articles.filter((one) => !one.hidden).length;
    const said = wanted ? `${left} of ${articles.length} files` : "";
    this.querySelector("[role=status]").textContent = said;
  }
}

customElements.define("tree-filter", TreeFilter);
