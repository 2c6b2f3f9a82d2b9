import { all, one } from "./dom.js";

// Live changes announce themselves as counts; nothing moves until the person
// asks for it. The browser comes back by itself when the stream breaks.
export function watchLive() {
  for (const place of all("[data-live]")) {
    const source = new EventSource(place.dataset.live);
    source.addEventListener("tickets", (event) => {
      one("[data-words]", place).textContent = JSON.parse(event.data).words;
      place.hidden = false;
    });
    addEventListener("pagehide", () => source.close());
  }
}
