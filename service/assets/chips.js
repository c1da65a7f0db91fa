// What a chip asks for goes to the server as a click on the answer, with data; `element` and
// `trigger` are Gradio's. After the new answer the focus is on its chips, not lost.
const finished = () => element.querySelector(".turn.done :is(.fine, .failure)");

function again(button) {
  const chip = button.closest("li");
  const data = { again: button.dataset.again, part: button.dataset.part ?? "" };
  for (const input of chip.querySelectorAll("input")) data[input.name] = input.value;
  let begun = false;
  const watcher = new MutationObserver(() => {
    begun ||= Boolean(element.querySelector(".turn.pending"));
    if (!begun || !finished()) return;
    land();
    setTimeout(() => watcher.disconnect(), 1000); // the last frame may be put up twice
  });
  watcher.observe(element, { childList: true, subtree: true });
  trigger("click", data);
}

// The chips get the focus, unless the reader has gone elsewhere.
function land() {
  const active = document.activeElement;
  if (active && active !== document.body && !element.contains(active)) return;
  const chips = element.querySelector(".understood") ?? element.querySelector(".turn h2");
  chips.tabIndex = -1;
  chips.focus({ preventScroll: true });
}

element.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-again]");
  if (button) again(button);
});
element.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.localName !== "input") return;
  again(event.target.closest(".change").querySelector("[data-again]"));
});
