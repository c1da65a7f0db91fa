// Opens articles in a panel beside the conversation. Without it their links open a page of their
// own: each has the panel's frame as its target, and where no such frame is, a browser opens one.
(() => {
  const narrow = matchMedia("(max-width: 64rem)");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let panel, frame, close, opener;

  function build() {
    panel = document.createElement("aside");
    panel.id = "panel";
    panel.hidden = true;
    panel.setAttribute("aria-label", "Article");
    panel.innerHTML =
      '<button type="button" class="close">Close</button>' +
      '<iframe name="article" title="Article"></iframe>';
    document.body.append(panel);
    [close, frame] = panel.children;
    close.addEventListener("click", shut);
    frame.addEventListener("load", arrive);
    narrow.addEventListener("change", cover);
  }

  function show(link) {
    if (!panel) build();
    opener = link;
    panel.hidden = false;
    document.body.classList.add("reading");
    cover();
    const place = frame.contentWindow.location;
    if (place.href === link.href) arrive();
    else place.replace(link.href); // so that "back" leaves the page, not the panel
  }

  // Where the panel lies over the conversation, only the panel can be reached.
  function cover() {
    document.querySelector("gradio-app").inert = narrow.matches && !panel.hidden;
  }

  function arrive() {
    const text = frame.contentDocument;
    if (panel.hidden || !text || text.URL === "about:blank") return;
    text.documentElement.classList.add("framed");
    text.addEventListener("keydown", escape);
    const quote = text.getElementById("quote");
    quote?.scrollIntoView({ block: "center" });
    if (quote) quote.focus({ preventScroll: true });
    else close.focus();
  }

  function shut() {
    panel.hidden = true;
    document.body.classList.remove("reading");
    cover();
    opener?.focus();
  }

  function escape(event) {
    if (event.key === "Escape" && panel && !panel.hidden) shut();
  }

  document.addEventListener("keydown", escape);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[target="article"]');
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || elsewhere) return;
    event.preventDefault();
    show(link);
  });

  // A new question scrolls into view once; after that the reader decides.
  const current = () => document.querySelector("#current")?.innerHTML;
  let before = null; // what stood there when the question was sent
  function onAsk(event) {
    const on = (place) => event.target.closest?.(place);
    const entered = event.key === "Enter" && !event.shiftKey && on("#question textarea");
    if (entered || (event.type === "click" && on("#ask"))) before = current();
  }
  document.addEventListener("keydown", onAsk, true);
  document.addEventListener("click", onAsk, true);
  new MutationObserver(() => {
    if (before === null || current() === before) return;
    before = null;
    const behavior = still.matches ? "auto" : "smooth";
    document.querySelector("#current .turn")?.scrollIntoView({ block: "start", behavior });
  }).observe(document, { childList: true, subtree: true, characterData: true });
})();
