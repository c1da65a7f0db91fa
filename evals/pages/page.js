// The table of questions: filters, sorts, and opens a question when it is asked to.
(() => {
  const table = document.querySelector("table.cases");
  if (!table) return;
  const body = table.tBodies[0], rows = [...body.rows], details = new Map();
  const form = document.querySelector("form.filters"), none = document.querySelector(".none");
  const words = form.querySelector("[data-search]"), choices = [...form.querySelectorAll("[data-filter]")];
  const sought = rows.map((row) => (row.cells[0].firstChild.textContent + " " + row.dataset.words).toLowerCase());
  const opener = (row) => row.querySelector("button");

  function toggle(row, open = !details.has(row)) {
    if (open === details.has(row)) return;
    opener(row).setAttribute("aria-expanded", String(open));
    if (!open) {
      details.get(row).remove();
      details.delete(row);
      return;
    }
    const detail = document.createElement("tr");
    detail.className = "detail";
    const cell = detail.insertCell();
    cell.colSpan = row.cells.length;
    cell.append(row.querySelector("template").content.cloneNode(true));
    row.after(detail);
    details.set(row, detail);
  }

  function filter() {
    const parts = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, at) => {
      const fits = choices.every((each) => !each.value || row.dataset[each.dataset.filter] === each.value)
        && parts.every((part) => sought[at].includes(part));
      row.hidden = !fits;
      if (details.has(row)) details.get(row).hidden = !fits;
      shown += fits;
    });
    form.querySelector("output").textContent = shown + " shown";
    none.hidden = shown > 0;
  }

  // What has no value stands last, whichever way it is sorted.
  function sort(button) {
    const head = button.closest("th"), up = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const at = head.cellIndex, way = up ? 1 : -1, kind = button.dataset.kind;
    const keyed = rows.map((row, order) => {
      const text = row.cells[at].textContent.trim();
      const value = kind === "order" ? order : kind === "text" ? text : number(text);
      return { row, order, value };
    });
    keyed.sort((a, b) => {
      if (a.value === b.value) return a.order - b.order;
      if (a.value === null) return 1;
      if (b.value === null) return -1;
      return way * (kind === "text" ? a.value.localeCompare(b.value) : a.value - b.value);
    });
    body.append(...keyed.flatMap(({ row }) => (details.has(row) ? [row, details.get(row)] : [row])));
  }

  function number(text) {
    if (!text) return null;
    const [part, whole] = text.split("/").map(Number);
    return whole ? part / whole : part;
  }

  function move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = event.target.closest("tbody > tr:not(.detail)");
    if (!step || !row || event.target !== opener(row)) return;
    const shown = [...body.rows].filter((each) => !each.hidden && !each.classList.contains("detail"));
    const next = shown[shown.indexOf(row) + step];
    if (!next) return;
    event.preventDefault();
    opener(next).focus();
  }

  // The browser itself gives the button that an address names the focus.
  function follow() {
    let id = "";
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const row = rows.find((each) => opener(each).id === id);
    if (!row) return;
    toggle(row, true);
    row.scrollIntoView({ block: "start" });
  }

  body.addEventListener("click", (event) => {
    const button = event.target.closest("button[aria-expanded]");
    if (button) toggle(button.closest("tr"));
  });
  body.addEventListener("keydown", move);
  table.tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) sort(button);
  });
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", follow);
  filter(); // a browser may bring back what was typed before
  follow();
})();
