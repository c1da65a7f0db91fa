// Sends what the reader says of an answer. It is kept here by the answer's id, because the page
// writes an answer anew when the next question is asked.
(() => {
  const said = new Map();
  const WORDS = {
    right: "Thank you. It is kept as a question for evaluations.",
    wrong: "Noted. What would be right?",
    corrected: "Thank you. It is kept with what you said.",
  };

  const of = (place) => {
    const id = place.dataset.answer;
    if (!said.has(id)) said.set(id, { id, correction: "", note: "", absent: false });
    return said.get(id);
  };

  // One after the other: what was said last must also come last.
  function send(place, verdict, done) {
    const now = of(place);
    const before = now.verdict;
    now.verdict = verdict === "right" ? "right" : "wrong";
    now.open = now.verdict === "wrong";
    const wrong = verdict === "wrong" ? { correction: now.correction } : {};
    const body = { answer_id: now.id, verdict, note: now.note, ...wrong };
    now.sent = Promise.resolve(now.sent)
      .then(() => post(body))
      .then((fault) => {
        now.word = fault || WORDS[done];
        if (fault) now.verdict = before;
        if (!fault && done === "corrected") now.open = false;
        document.querySelectorAll(`.judging[data-answer="${now.id}"]`).forEach((each) => draw(each));
      });
    draw(place, true);
  }

  async function post(body) {
    try {
      const reply = await fetch("/v1/feedback", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return reply.ok ? "" : (await reply.json()).error.message;
    } catch {
      return "The server does not answer: try again.";
    }
  }

  function draw(place, pressed = false) {
    const now = of(place);
    place.classList.add("drawn");
    for (const button of place.querySelectorAll("[data-verdict]"))
      button.setAttribute("aria-pressed", String(button.dataset.verdict === now.verdict));
    let word = place.querySelector("[role=status]");
    if (!word) {
      word = document.createElement("p");
      word.setAttribute("role", "status");
      place.append(word);
    }
    if (word.textContent !== (now.word ?? "")) word.textContent = now.word ?? "";
    const form = place.querySelector(".correcting");
    if (now.open && !form) {
      place.append(build(place, now));
      if (pressed) place.lastChild.scrollIntoView({ block: "nearest" });
    }
    if (!now.open) form?.remove();
  }

  function build(place, now) {
    const form = document.createElement("div");
    form.className = "correcting";
    form.innerHTML =
      "<label>The right answer, in the articles’ words" +
      '<textarea name="correction" rows="2" maxlength="1000"></textarea></label>' +
      '<label class="tick"><input type="checkbox" name="absent">The articles do not say</label>' +
      '<label>Note<textarea name="note" rows="1" maxlength="2000"></textarea></label>' +
      '<button type="button" class="send">Send</button>';
    const field = (name) => form.querySelector(`[name=${name}]`);
    const [correction, absent, note] = ["correction", "absent", "note"].map(field);
    if (place.classList.contains("refused")) absent.parentElement.remove();
    correction.value = now.correction;
    note.value = now.note;
    absent.checked = now.absent;
    const keep = () => {
      now.correction = correction.value;
      now.note = note.value;
      now.absent = absent.checked;
      correction.disabled = now.absent;
    };
    form.addEventListener("input", keep);
    keep();
    return form;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".judging button");
    if (!button) return;
    const place = button.closest(".judging");
    const { verdict } = button.dataset;
    if (verdict) send(place, verdict, verdict);
    else send(place, of(place).absent ? "not_in_articles" : "wrong", "corrected");
  });

  new MutationObserver(() => {
    for (const place of document.querySelectorAll(".judging:not(.drawn)"))
      if (said.has(place.dataset.answer)) draw(place);
  }).observe(document, { childList: true, subtree: true });
})();
