// <fold-all for="id">: opens or closes every <details> of a list at once.
// Without this script its links ask the server for the same; mere buttons hide.

class FoldAll extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const button = event.target.closest("[data-open]");
      const place = document.getElementById(this.getAttribute("for"));
      if (!button || !place) return;
      event.preventDefault();
      for (const one of place.querySelectorAll("details:not(.why)")) {
        one.open = button.dataset.open === "true";
      }
    });
  }
}

customElements.define("fold-all", FoldAll);

// A link to a line opens the fold around it.
function openAround() {
  const place = location.hash && document.getElementById(location.hash.slice(1));
  if (!place) return;
  const fold = place.closest("details") ?? place.querySelector("details");
  if (fold && !fold.open) {
    fold.open = true;
    place.scrollIntoView();
  }
}

addEventListener("hashchange", openAround);
openAround();
