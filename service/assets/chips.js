// What a chip asks for goes to the server as a click on the answer, with data; `element` and
// `trigger` are Gradio's. After the new answer the focus is on its chips, not lost.
const finished = () => element.querySelector(".turn.done :is(.fine, .failure)");

function again(button) {
  const chip = button.closest("li");
  const data = { again: button.dataset.again, part: button.dataset.part ?? "" };
  for (const input of chip.querySelectorAll("input")) data[input.name] = input.value;
  trigger("click", data);
  const asked = element.querySelector(".turn");
  const watcher = new MutationObserver(() => {
    if (element.contains(asked) || !finished()) return;
    watcher.disconnect();
    const chips = element.querySelector(".understood") ?? element.querySelector(".turn h2");
    chips.setAttribute("tabindex", "-1");
    chips.focus({ preventScroll: true });
  });
  watcher.observe(element, { childList: true, subtree: true });
}

element.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-again]");
  if (button) again(button);
});
element.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.localName !== "input") return;
  again(event.target.closest(".change").querySelector("[data-again]"));
});
