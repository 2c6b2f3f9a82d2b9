import { one } from "./dom.js";

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea"); // plain http has no clipboard
  area.value = text;
  area.className = "vh";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export function watchCopies() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await copy(one(button.dataset.copy).textContent);
    const word = one("span", button);
    const before = word.textContent;
    word.textContent = button.dataset.done;
    setTimeout(() => { word.textContent = before; }, 4000);
  });
}
