// <change-steps for="id">: from change to change of a diff, and a mark on the file read.
// Without this script one scrolls; the buttons hide (utilities.css).

const CHANGED = ".diff__line:not([data-line=same])";
const STOPS = `${CHANGED}, .diff__fold a[id*="-n"], .file__tools > a[hx-get]`;
const HEADER = 120; // pixels at the top that stick

const articleOf = (one) => one.closest("article");

// How far down a stop is; of one that is folded away its file.
function topOf(stop) {
  const shown = stop.checkVisibility({ contentVisibilityAuto: true }) ? stop : articleOf(stop);
  return shown.getBoundingClientRect().top;
}

class ChangeSteps extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const { step, key } = event.target.closest("button")?.dataset ?? {};
      if (step) this.go(Number(step));
      else if (key === "v") this.view();
    });
  }

  get files() {
    const place = document.getElementById(this.getAttribute("for"));
    return [...(place?.querySelectorAll("article:not([hidden])") ?? [])];
  }

  // The first row of each run of changed rows, folded noise, files that are not there yet.
  get stops() {
    return this.files
      .flatMap((file) => [...file.querySelectorAll(STOPS)])
      .filter((one) => !one.matches(CHANGED) || !one.previousElementSibling?.matches(CHANGED));
  }

  // Where one is: at the last stop while it is in sight, else where one has scrolled to.
  // What was swapped since is gone from the page: then its file counts.
  go(step) {
    const { stops } = this;
    let next = stops.indexOf(this.at) + step;
    const gone = this.at && !this.at.isConnected && document.getElementById(this.file);
    const top = this.at?.isConnected ? topOf(this.at) : -1;
    if (top < 0 || top > innerHeight || !stops.includes(this.at)) {
      const below = (one) => (gone ? articleOf(one) === gone : topOf(one) > HEADER);
      const first = stops.findIndex(below);
      next = (first < 0 ? stops.length : first) - (step > 0 ? 0 : 1);
    }
    const stop = stops[next];
    if (!stop) return this.say(step > 0 ? "No change below" : "No change above");
    this.arrive(stop);
    const what = stop.querySelector?.("[aria-label]")?.getAttribute("aria-label") ?? stop.textContent;
    const file = articleOf(stop).getAttribute("aria-label");
    this.say(`Change ${next + 1} of ${stops.length}: ${what} of ${file}`);
  }

  arrive(stop) {
    delete this.at?.dataset.current;
    this.at = stop;
    this.file = articleOf(stop).id;
    stop.dataset.current = "";
    const fold = stop.closest("details");
    if (fold) fold.open = true;
    const link = stop.matches("a") ? stop : stop.querySelector(".diff__number a");
    link?.focus({ preventScroll: true });
    stop.scrollIntoView({ block: "center" });
  }

  say(words) {
    const said = document.getElementById("line-said");
    if (said) said.textContent = words;
  }

  // Marks the file one is at, and goes on to the next one that is not marked.
  view() {
    const { files } = this;
    const isHere = (one) => one.getBoundingClientRect().bottom > HEADER;
    const focused = files.find((one) => one.contains(document.activeElement));
    const file = focused && isHere(focused) ? focused : files.find(isHere);
    const button = file?.querySelector(".viewed");
    if (!button) return;
    const rest = files.slice(files.indexOf(file) + 1);
    const next = rest.find((one) => one.querySelector(".viewed[aria-pressed=false]"));
    const isMarked = button.getAttribute("aria-pressed") === "true";
    button.click();
    if (!isMarked && next) next.querySelector("summary")?.focus();
  }
}

customElements.define("change-steps", ChangeSteps);
