// <copy-button data-value="…">: its button puts the value on the clipboard.
// Without this script the button hides (copy.css) and the value can be selected.

class CopyButton extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      if (event.target.closest("button")) this.copy();
    });
  }

  async copy() {
    const said = this.querySelector(".copy__said");
    try {
      await navigator.clipboard.writeText(this.dataset.value);
      said.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(this.querySelector(".copy__value"));
      said.textContent = "Press Ctrl+C";
    }
    setTimeout(() => (said.textContent = ""), 2000);
  }
}

customElements.define("copy-button", CopyButton);
