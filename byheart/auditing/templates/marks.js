// Marks of a review: kept in this browser, and written to and read from files with separated columns.
"use strict";
class Marks {
  // content: what the page holds, as auditing/page.py writes it.
  constructor(content) {
    this.content = content;
    this.key = `byheart-review-${content.fingerprint}`;
    this.past = [];
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(this.key)); } catch { /* No storage: marks last as long as the page. */ }
    this.ofRow = new Map(Object.entries(kept ?? content.marks).map(([row, mark]) => [Number(row), mark]));
  }

  get(row) { return this.ofRow.get(row)?.[0] ?? ""; }
  newLabel(row) { return this.ofRow.get(row)?.[1] ?? ""; }

  // Mark a row as right, wrong or unclear; "" removes the mark.
  set(row, mark, newLabel = "") {
    this.past.push([row, this.ofRow.get(row)]);
    this._put(row, mark ? [mark, newLabel] : undefined);
    this._keep();
  }

  // Undo the last change; return its row, or undefined if there is none.
  undo() {
    const last = this.past.pop();
    if (!last) return undefined;
    this._put(...last);
    this._keep();
    return last[0];
  }

  clear() {
    this.ofRow.clear();
    this.past = [];
    this._keep();
  }

  _put(row, mark) {
    if (mark) this.ofRow.set(row, mark); else this.ofRow.delete(row);
  }

  _keep() {
    try { localStorage.setItem(this.key, JSON.stringify(Object.fromEntries(this.ofRow))); } catch { /* As above. */ }
  }

  // Return the text of review.csv. An example that the page does not hold is named by its row alone.
  asFile() {
    const { examples, classes, columns } = this.content;
    const places = new Map(examples.row.map((row, place) => [row, place]));
    const line = ([row, [review, new_label]]) => {
      const place = places.get(row);
      const known = place === undefined ? {} : {
        id: examples.id[place], part: examples.parts[examples.part[place]], label: classes[examples.label[place]],
        stratum: examples.stratum[place],
      };
      const cells = { ...known, row, review, new_label };
      return columns.map(name => Marks.quoted(String(cells[name] ?? "")));
    };
    const rank = row => places.get(row) ?? Infinity;
    const lines = [...this.ofRow].sort(([a], [b]) => rank(a) - rank(b) || a - b).map(line);
    return [columns, ...lines].map(cells => `${cells.join(",")}\n`).join("");
  }

  // Add the marks of a file; return a sentence about it.
  load(text) {
    const [head, ...lines] = Marks.cells(text);
    const names = head.map(name => name.trim().toLowerCase());
    const [rowAt, markAt, labelAt] = ["row", "review", "new_label"].map(name => names.indexOf(name));
    if (rowAt < 0 || markAt < 0) return "The file must have the columns row and review. Nothing was loaded.";
    let loaded = 0, unknown = 0;
    for (const cells of lines) {
      const row = Number(cells[rowAt]), mark = (cells[markAt] ?? "").trim().toLowerCase(), label = cells[labelAt]?.trim() ?? "";
      if (!mark) continue;
      const isKnown = ["right", "wrong", "unclear"].includes(mark) && Number.isInteger(row) && cells[rowAt].trim() !== "";
      if (!isKnown || (label && !this.content.classes.includes(label))) { unknown += 1; continue; }
      this._put(row, [mark, mark === "wrong" ? label : ""]);
      loaded += 1;
    }
    this.past = [];
    this._keep();
    return `${loaded} marks loaded${unknown ? `; ${unknown} lines could not be read` : ""}.`;
  }

  static quoted(cell) { return /[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell; }

  // Return the cells of each line of a text whose cells are separated by commas, semicolons or tabs.
  static cells(text) {
    const first = text.slice(0, (text + "\n").indexOf("\n"));
    const separator = [",", ";", "\t"].reduce((a, b) => first.split(b).length > first.split(a).length ? b : a);
    const lines = [[""]];
    let isQuoted = false;
    for (const letter of text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n")) {
      const line = lines.at(-1);
      if (letter === '"') {
        isQuoted = !isQuoted;
        if (isQuoted && line.at(-1) !== "") line[line.length - 1] += '"';  // A doubled quote inside quotes.
      } else if (letter === separator && !isQuoted) line.push("");
      else if (letter === "\n" && !isQuoted) lines.push([""]);
      else line[line.length - 1] += letter;
    }
    return lines.filter(line => line.some(Boolean));
  }
}
