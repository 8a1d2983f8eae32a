// Tables that a click on a column's name sorts. Tables of class "sorts" are already in the page. Those of class
// "sortable" are built from JSON columns, filtered by words that a row must contain, and shown one page at a time. With
// data-files, the column "id" names files below that place, and links to them.
"use strict";
const rank = (a, b) => a < b ? -1 : a > b ? 1 : 0;

// Make each cell of a table's head call `sort(column, direction)`, ascending first.
function sortedByHead(cells, sort) {
  cells.forEach((cell, column) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: cell.textContent });
    button.addEventListener("click", () => {
      const direction = cell.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const other of cells) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      sort(column, direction);
    });
    cell.scope = "col";
    cell.replaceChildren(button);
  });
}

for (const table of document.querySelectorAll("table.sorts")) {
  const body = table.tBodies[0], rows = [...body.rows];
  const natural = new Intl.Collator("en", { numeric: true }).compare;  // Sorts F9 before F10.
  const compare = (a, b) => typeof a === "string" ? natural(a, b) : rank(a, b);
  const isKnown = value => typeof value === "string" || Number.isFinite(value);
  sortedByHead([...table.tHead.rows[0].cells], (column, direction) => {
    const values = new Map(rows.map(row => {
      const cell = row.cells[column], given = cell.dataset.value;
      return [row, given === undefined ? cell.textContent.trim() : parseFloat(given)];
    }));
    body.append(...[...rows].sort((a, b) => isKnown(values.get(b)) - isKnown(values.get(a)) || direction * compare(values.get(a), values.get(b))));
  });
}

for (const section of document.querySelectorAll(".sortable")) {
  const columns = JSON.parse(section.querySelector("script").textContent);
  const names = Object.keys(columns), total = columns[names[0]].length, pageLength = 20;
  const head = section.querySelector("thead tr"), body = section.querySelector("tbody"), search = section.querySelector("input");
  const show = value => value === null ? "–" : typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
  const cell = (name, value) => {
    const made = document.createElement("td");
    if (name === "id" && section.dataset.files) {
      const href = section.dataset.files + value.split("/").map(encodeURIComponent).join("/");
      made.append(Object.assign(document.createElement("a"), { href, textContent: value }));
    } else made.textContent = show(value);
    return made;
  };
  let order = [...Array(total).keys()], chosen = order, first = 0;

  function draw() {
    body.replaceChildren(...chosen.slice(first, first + pageLength).map(row => {
      const line = document.createElement("tr");
      line.append(...names.map(name => cell(name, columns[name][row])));
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
    const wordsOf = text => [text, ...text.split(/\s+/)];
    const isIn = (word, value) => wordsOf(show(value).toLowerCase()).includes(word);
    const holds = row => words.every(word => names.some(name => isIn(word, columns[name][row])));
    chosen = words.length ? order.filter(holds) : order;
    first = 0;
    draw();
  }

  sortedByHead([...head.children], (column, direction) => {
    const values = columns[names[column]];
    order = [...Array(total).keys()].sort((a, b) => direction * rank(values[a], values[b]) || a - b);
    filter();
  });
  search.addEventListener("input", filter);
  for (const button of section.querySelectorAll("[data-move]")) {
    button.addEventListener("click", () => { first += pageLength * Number(button.dataset.move); draw(); });
  }
  for (const part of section.querySelectorAll(".pages")) part.hidden = total <= pageLength;
  section.hidden = false;
  draw();
}
