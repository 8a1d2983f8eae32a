// Tables that are sorted by a click on a column's name, filtered by words that a row must hold, and shown a page at a time.
"use strict";
for (const section of document.querySelectorAll(".sortable")) {
  const columns = JSON.parse(section.querySelector("script").textContent);
  const names = Object.keys(columns), total = columns[names[0]].length, pageLength = 20;
  const head = section.querySelector("thead tr"), body = section.querySelector("tbody"), search = section.querySelector("input");
  const show = value => value === null ? "–" : typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
  let order = [...Array(total).keys()], chosen = order, first = 0, sortedBy = null, direction = 1;

  function draw() {
    body.replaceChildren(...chosen.slice(first, first + pageLength).map(row => {
      const line = document.createElement("tr");
      line.append(...names.map(name => Object.assign(document.createElement("td"), { textContent: show(columns[name][row]) })));
      return line;
    }));
    const last = Math.min(first + pageLength, chosen.length);
    section.querySelector("[role=status]").textContent =
      chosen.length ? `${first + 1} to ${last} of ${chosen.length} rows` : "no such row";
    section.querySelector("[data-move='-1']").disabled = first === 0;
    section.querySelector("[data-move='1']").disabled = last >= chosen.length;
  }

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const holds = row => words.every(word => names.some(name => show(columns[name][row]).toLowerCase() === word));
    chosen = words.length ? order.filter(holds) : order;
    first = 0;
    draw();
  }

  function sortBy(name, cell) {
    direction = sortedBy === name ? -direction : 1;
    sortedBy = name;
    const values = columns[name];
    order = [...Array(total).keys()].sort((a, b) => direction * (values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : 0) || a - b);
    for (const other of head.children) other.removeAttribute("aria-sort");
    cell.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
    filter();
  }

  for (const name of names) {
    const cell = Object.assign(document.createElement("th"), { scope: "col" });
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: name });
    button.addEventListener("click", () => sortBy(name, cell));
    cell.append(button);
    head.append(cell);
  }
  search.addEventListener("input", filter);
  for (const button of section.querySelectorAll("[data-move]")) {
    button.addEventListener("click", () => { first += pageLength * Number(button.dataset.move); draw(); });
  }
  for (const part of section.querySelectorAll(".pages")) part.hidden = total <= pageLength;
  section.hidden = false;
  draw();
}
