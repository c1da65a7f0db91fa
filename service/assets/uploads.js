// Sends files that are dropped or chosen, one after the other, and tells what became of each.
(() => {
  const REASONS = 3; // told of one file; a file of records may have thousands
  let queue = Promise.resolve();

  function line(list, name) {
    const item = document.createElement("li");
    const said = document.createElement("span");
    const bold = document.createElement("bdi");
    bold.textContent = name;
    item.append(bold, ": ", said);
    list.prepend(item);
    return (text, state) => {
      said.textContent = text;
      item.className = state;
      return said;
    };
  }

  function ending({ counts, results }) {
    const told = ["added", "changed", "unchanged", "failed"].filter((end) => counts[end]);
    const words = told.map((end) => (results.length > 1 ? `${counts[end]} ${end}` : end));
    const faults = results.filter((result) => result.error).map((result) => result.error);
    const reasons = faults.slice(0, REASONS).join(" ");
    return words.join(", ") + (reasons ? ` (${reasons}${faults.length > REASONS ? " …" : ""})` : "");
  }

  function link(said, { results }) {
    if (results.length !== 1 || !results[0].article_id) return;
    const read = document.createElement("a");
    read.href = `/articles/${results[0].article_id}`;
    read.target = "article";
    read.textContent = "Read it";
    said.append(" · ", read);
  }

  async function send(file, limit, tell) {
    if (file.size > limit) {
      return tell(`failed: it has more than ${limit.toLocaleString("en")} bytes`, "failed");
    }
    tell("being read …", "working");
    const address = `/v1/files/${encodeURIComponent(file.name)}`;
    const reply = await fetch(address, { method: "PUT", body: await file.arrayBuffer() });
    const told = await reply.json();
    if (!reply.ok) {
      const reason = told.error.message.replace(`${file.name}: `, "");
      return tell(`failed: ${reason}`, "failed");
    }
    link(tell(ending(told), told.counts.failed ? "failed" : "done"), told);
  }

  function take(files) {
    const zone = document.querySelector("#uploads .drop");
    const list = document.querySelector("#uploads ul");
    for (const file of files) {
      const tell = line(list, file.name);
      tell("waiting", "working");
      const lost = () => tell("failed: it cannot be read, or the server is away", "failed");
      queue = queue.then(() => send(file, Number(zone.dataset.limit), tell)).catch(lost);
    }
    queue = queue.then(() => document.querySelector("#refresh")?.click());
  }

  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("#uploads input")) return;
    take([...event.target.files]);
    event.target.value = ""; // so that the same file can be chosen again
  });

  // A file that misses the zone must not open in the place of the conversation.
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      const zone = event.target.closest?.("#uploads .drop");
      document.querySelector("#uploads .drop")?.classList.toggle("over", !!zone && kind === "dragover");
      event.dataTransfer.dropEffect = zone ? "copy" : "none";
      if (zone && kind === "drop") take([...event.dataTransfer.files]);
    });
  }
})();
