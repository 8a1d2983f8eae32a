// The gallery of suspects and its review: one example at a time by keyboard, mouse or finger, and cards of all others.
"use strict";
{
  const content = JSON.parse(document.getElementById("content").textContent), { examples, classes, verdicts } = content;
  const marks = new Marks(content);
  const at = id => document.getElementById(id), make = (name, properties) => Object.assign(document.createElement(name), properties);
  const reviewer = at("reviewer"), filters = [...reviewer.querySelectorAll(".filters select")];
  const all = [...examples.row.keys()];
  const sample = all.filter(place => examples.sample[place] >= 0).sort((a, b) => examples.sample[a] - examples.sample[b]);
  const CARDS = 48;
  let queue = all, current = all[0], shown = CARDS;

  const markOf = place => marks.get(examples.row[place]);
  const share = number => number.toFixed(2);
  const probability = place => `${share(examples.probability[place])} [${share(examples.low[place])}, ${share(examples.high[place])}]`;
  const unit = digit => parseInt(digit, 36) / 35;
  const keyOf = classes.every(name => /^\d$/.test(name)) ? name => classes.indexOf(name) : key => (Number(key) + 9) % 10;

  // A picture of an example: its place in a sprite of 10 by 10 pictures.
  function thumb(place) {
    const found = make("span", { className: `thumb s${Math.floor(place / 100)}` });
    found.style.backgroundPosition = `${place % 10 / 9 * 100}% ${Math.floor(place % 100 / 10) / 9 * 100}%`;
    return found;
  }

  function curveOf(place) {
    const digits = examples.learned[place];
    const points = ["0 40", ...Array.from(digits, (digit, epoch) => `${((epoch + 1) / digits.length * 100).toFixed(1)} ${(40 - 40 * unit(digit)).toFixed(1)}`)];
    return `<path class="ground" d="M0 0V40H100"/><path class="learned" d="M${points.join("L")}"/>`;
  }

  function drawCurve(svg, place) {
    svg.innerHTML = curveOf(place);
    const digits = examples.learned[place], percent = digit => `${Math.round(100 * unit(digit))} %`;
    svg.setAttribute("aria-label", `Curve of learning: ${percent(digits[0])} of the networks that saw it are right from epoch 1 on, ${percent(digits.at(-1))} at epoch ${digits.length}.`);
  }

  function inWords(place) {
    const mark = markOf(place), label = marks.newLabel(examples.row[place]);
    return mark && `marked ${mark}${label && `, ${label}`}`;
  }

  function card(place) {
    const button = make("button", { type: "button", className: `card ${markOf(place)}` });
    button.dataset.place = place;
    if (content.hasPictures) button.append(thumb(place));
    const [label, suggested] = [examples.label[place], examples.suggested[place]].map(one => classes[one]);
    const names = make("b", { textContent: label });
    if (label !== suggested) names.append(" or ", make("span", { textContent: `${suggested}?` }));
    button.append(names);
    if (!content.hasPictures) button.append(make("span", { textContent: examples.text[place] }));
    const verdict = verdicts[examples.verdict[place]], words = content.hasPictures ? [verdict] : [verdict, examples.id[place]];
    button.append(make("span", { className: "soft", textContent: words.join(" · ") }));
    const numbers = make("span", { className: "numbers soft" });
    numbers.append(probability(place));
    if (content.hasCurves) {
      const curve = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      curve.setAttribute("viewBox", "-2 -3 104 46");
      curve.setAttribute("aria-hidden", "true");
      curve.innerHTML = curveOf(place);
      numbers.append(curve);
    }
    button.append(numbers, make("span", { className: "mark", textContent: inWords(place) }));
    const item = make("li", {});
    item.append(button);
    return item;
  }

  function drawCards() {
    at("cards").replaceChildren(...queue.slice(0, shown).map(card));
    at("more").hidden = queue.length <= shown;
    at("count").textContent = queue.length ? `${queue.length.toLocaleString("en")} examples.` : "No example fits this choice.";
    showCurrent();
  }

  function showCurrent() {
    for (const button of at("cards").querySelectorAll("[aria-current]")) button.removeAttribute("aria-current");
    at("cards").querySelector(`[data-place="${current}"]`)?.setAttribute("aria-current", "true");
  }

  function facts(place) {
    const parts = examples.parts.length > 1 ? ` (${examples.parts[examples.part[place]]})` : "";
    return [
      ["Verdict", verdicts[examples.verdict[place]]],
      ["Probability of the label", probability(place)],
      ["Probably wrong", share(examples.wrong[place])],
      ["Memorization", share(examples.memorization[place])],
      ["Id", linked(place), parts],
      ["Rank", `${examples.rank[place].toLocaleString("en")}`],
    ];
  }

  // Return the id of an example, as a link if it names a file.
  function linked(place) {
    const id = `${examples.id[place]}`;
    if (!content.folder) return id;
    return make("a", { href: content.folder + id.split("/").map(encodeURIComponent).join("/"), textContent: id });
  }

  function title(place) {
    const [label, suggested] = [examples.label[place], examples.suggested[place]].map(one => classes[one]);
    return label === suggested ? `Label ${label}, which the networks give, too` : `Label ${label}; networks say ${suggested}`;
  }

  function show(place) {
    current = place;
    at("one-title").textContent = title(place);
    at("picture").replaceChildren(...(content.hasPictures ? [thumb(place)] : []));
    at("text").textContent = examples.text[place];
    at("text").hidden = !examples.text[place];
    if (content.hasCurves) drawCurve(at("curve"), place);
    at("facts").replaceChildren(...facts(place).map(([name, ...values]) => {
      const pair = make("div", {}), value = make("dd", {});
      value.append(...values);
      pair.append(make("dt", { textContent: name }), value);
      return pair;
    }));
    const suggested = examples.suggested[place], label = examples.label[place];
    at("wrong-label").textContent = suggested === label ? "Wrong" : `Wrong: ${classes[suggested]}`;
    for (const button of reviewer.querySelectorAll("[data-mark]")) button.setAttribute("aria-pressed", button.dataset.mark === markOf(place));
    at("other").value = "";
    const newLabel = marks.newLabel(examples.row[place]);
    if (newLabel) at("other").value = classes.indexOf(newLabel);
    const position = queue.indexOf(place);
    at("previous").disabled = position <= 0;
    at("next").disabled = position < 0 || position >= queue.length - 1;
    at("undo").disabled = !marks.past.length;
    showCurrent();
    showProgress();
  }

  // Number of marks on the beginning of the sample that was reviewed: the longest of which nine in ten are marked.
  function sampled() {
    let marked = 0, found = 0;
    sample.forEach((place, before) => {
      if (!markOf(place)) return;
      marked += 1;
      if (marked >= 0.9 * (before + 1)) found = marked;
    });
    return found;
  }

  function showProgress() {
    const gap = all.findIndex(place => !markOf(place)), known = gap < 0 ? all.length : gap, counts = ["right", "wrong", "unclear"].map(
      mark => `${[...marks.ofRow.values()].filter(([one]) => one === mark).length} ${mark}`);
    at("progress").textContent = `${marks.ofRow.size} mark${marks.ofRow.size === 1 ? "" : "s"}: ${counts.join(", ")}. From the top without a gap: ${known}. Of the random sample, in its order: ${sampled()} of ${sample.length}.`;
    at("save").disabled = at("clear").disabled = !marks.ofRow.size;
  }

  function say(text) { at("said").textContent = text; }

  function move(step) {
    const place = queue[queue.indexOf(current) + step];
    if (place === undefined) return;
    show(place);
    say(title(place));
  }

  // Mark the current example, and go to the next one without a mark.
  function mark(word, label) {
    const place = current, row = examples.row[place], position = queue.indexOf(place);
    const name = label === undefined ? "" : classes[label];
    marks.set(row, word, name);
    const next = word ? queue.slice(position + 1).find(one => !markOf(one)) : place;
    refreshCard(place);
    const done = word ? `Marked ${word}${name && `: ${name}`}.` : "No mark.";
    show(next ?? place);
    say(next === undefined ? `${done} This was the last one.` : word ? `${done} Next: ${title(next)}.` : done);
  }

  function refreshCard(place) {
    const button = at("cards").querySelector(`[data-place="${place}"]`);
    button?.parentElement.replaceWith(card(place));
  }

  function markWrong() {
    const suggested = examples.suggested[current];
    mark("wrong", suggested === examples.label[current] ? undefined : suggested);
  }

  function choose(label) {
    if (label === examples.label[current]) mark("right"); else mark("wrong", label);
  }

  function undo() {
    const row = marks.undo();
    if (row === undefined) return;
    const place = examples.row.indexOf(row);
    if (place < 0) return;
    refreshCard(place);
    show(place);
    say(`Undone. ${title(place)}.`);
  }

  function filter() {
    const chosen = Object.fromEntries(filters.map(one => [one.name, one.value]));
    const fits = place => ["label", "suggested", "verdict"].every(name => chosen[name] === "" || examples[name][place] === Number(chosen[name]))
      && (chosen.mark === "" || chosen.mark === (markOf(place) || "none"));
    queue = (chosen.queue === "sample" ? sample : all).filter(fits);
    shown = CARDS;
    if (queue.length) show(queue.find(place => !markOf(place)) ?? queue[0]);
    drawCards();
    if (queue.length) show(current);
  }

  // Whether the current example is seen: no key marks an example that is not.
  function isInView() {
    const { top, bottom } = reviewer.querySelector(".one").getBoundingClientRect();
    return top < 0.8 * innerHeight && bottom > 0.2 * innerHeight;
  }

  const keys = {
    r: () => mark("right"), w: markWrong, u: () => mark("unclear"), x: () => mark(""), z: undo,
    ArrowLeft: () => move(-1), ArrowRight: () => move(1),
    "?": () => { const help = reviewer.querySelector(".keys"); help.open = !help.open; },
  };
  addEventListener("keydown", event => {
    const isTaken = event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !at("shortcuts").checked;
    if (isTaken || event.target.closest("input, select, textarea, [role=slider]") || !queue.length) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const label = /^\d$/.test(key) ? keyOf(key) : -1;
    const act = keys[key] ?? (label >= 0 && label < classes.length ? () => choose(label) : null);
    if (!act) return;
    event.preventDefault();
    if (isInView()) act(); else reviewer.querySelector(".one").scrollIntoView();
  });
  reviewer.addEventListener("click", event => {
    const button = event.target.closest("button");
    if (button?.dataset.mark === "wrong") markWrong();
    else if (button?.dataset.mark) mark(button.dataset.mark);
    else if (button?.dataset.place) {
      show(Number(button.dataset.place));
      say(title(current));
      if (matchMedia("(max-width: 999px)").matches) reviewer.querySelector(".one").scrollIntoView();
    }
  });
  at("other").addEventListener("change", event => { if (event.target.value !== "") choose(Number(event.target.value)); });
  at("previous").addEventListener("click", () => move(-1));
  at("next").addEventListener("click", () => move(1));
  at("undo").addEventListener("click", undo);
  at("more").addEventListener("click", () => { shown += CARDS; drawCards(); });
  at("save").addEventListener("click", () => {
    const link = make("a", { href: URL.createObjectURL(new Blob([marks.asFile()], { type: "text/csv" })), download: "review.csv" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    say("review.csv is saved where your browser saves files.");
  });
  at("load").addEventListener("change", async event => {
    const [file] = event.target.files;
    if (!file) return;
    say(marks.load(await file.text()));
    event.target.value = "";
    filter();
  });
  at("clear").addEventListener("click", () => {
    if (!confirm(`Delete all ${marks.ofRow.size} marks of this review?`)) return;
    marks.clear();
    filter();
    say("All marks are deleted.");
  });
  for (const one of filters) one.addEventListener("change", filter);
  reviewer.classList.toggle("without-pictures", !content.hasPictures);
  reviewer.hidden = false;
  filter();
}
