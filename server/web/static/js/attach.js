import { all, one } from "./dom.js";

// One button in the words of the page stands for the browser's own, which
// speaks the browser's language, and names the files that were chosen.
export function watchAttachments() {
  for (const place of all("[data-attach]")) {
    const input = one("input", place);
    const name = () => { one("[data-names]", place).textContent = [...input.files].map((file) => file.name).join(", "); };
    place.classList.add("quiet");
    input.addEventListener("change", name);
    name();
  }
}
