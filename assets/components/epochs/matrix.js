// The confusion matrix: a hundred cells that are made once and then only change.

const RIGHT = "47, 112, 176";
const WRONG = "205, 84, 28";
const STRONG = 0.55; // from here on the text is white
const LEAST_CHANGE = 0.005; // of the true class's items: smaller changes get no mark
const LEAST_SHARE = 0.005; // smaller ones would be written as 0%
const HELP = "Rows are true classes, columns what the network said. Click a cell to see its items below.";

class Matrix {
  /**
   * @param picked called with what is chosen, "true-predicted", or with "none".
   * @param options headers: whether rows and columns can be chosen too, as "row-true" and "column-predicted";
   *   help: what to read below where nothing else is.
   */
  constructor(root, names, picked, { headers = false, help = HELP } = {}) {
    this.root = root.querySelector(".matrix");
    this.reading = root.querySelector(".reading");
    this.names = names;
    this.picked = picked;
    this.help = help;
    this.by = "counts";
    this.order = names.map((_, index) => index);
    this.root.setAttribute("aria-label", "Confusion matrix: rows are true classes, columns predicted ones");
    this.cells = names.flatMap((_, row) => names.map((_, column) => this.makeCell(row, column)));
    this.rowNames = names.map((name, row) => this.makeName("row-name", "rowheader", name, headers && { row }));
    this.columnNames = names.map((name, column) =>
      this.makeName("column-name", "columnheader", name, headers && { column }),
    );
    this.chosen = headers ? [...this.cells, ...this.rowNames, ...this.columnNames] : this.cells;
    this.lines = names.map(() => make("div", "row", { role: "row" }));
    this.footer = make("div", "row", headers ? { role: "row" } : { role: "row", "aria-hidden": "true" });
    this.root.append(...this.lines, this.footer);
    this.arrange(this.order);
    const find = (event) => event.target.closest(".cell, .header");
    this.root.addEventListener("click", (event) => this.pick(find(event)));
    this.root.addEventListener("keydown", (event) => this.walk(event));
    this.root.addEventListener("pointerover", (event) => this.read(find(event) ?? this.reader));
    this.root.addEventListener("pointerleave", () => this.read(null));
    this.root.addEventListener("focusin", (event) => this.read(event.target));
    this.root.addEventListener("focusout", () => this.read(null));
    this.cells[0].tabIndex = 0;
    this.read(null);
  }

  makeCell(row, column) {
    const cell = make("div", row === column ? "cell hit" : "cell", { role: "gridcell" });
    cell.tabIndex = -1;
    cell.spot = { row, column };
    cell.append(make("span", "count"), make("i", "change"));
    return cell;
  }

  makeName(className, role, name, spot) {
    const header = make("div", spot ? `${className} header` : className, { role });
    header.append(make("span", "", {}, name));
    if (spot) {
      header.spot = spot;
      header.tabIndex = -1;
    }
    return header;
  }

  /** Put the classes into an order, the same for rows and columns. */
  arrange(order) {
    this.order = order;
    const size = this.names.length;
    order.forEach((row, place) => {
      this.lines[place].append(this.rowNames[row], ...order.map((column) => this.cells[row * size + column]));
    });
    this.footer.replaceChildren(make("div", "corner"), ...order.map((column) => this.columnNames[column]));
  }

  /**
   * @param counts a hundred numbers, row by row.
   * @param before those of the epoch before, or null.
   * @param scale { hits, errors }: the values that get the full colour, the same for all epochs.
   */
  show(counts, before, scale, since) {
    const size = this.names.length;
    const values = normalize(counts, size, this.by);
    this.cells.forEach((cell, position) => {
      const { row, column } = cell.spot;
      const count = counts[position];
      const change = before ? count - before[position] : 0;
      const isHit = row === column;
      // Errors by their roots: else the few large ones of the first epochs would leave all others pale.
      const strength = isHit ? values[position] / scale.hits : Math.sqrt(values[position] / scale.errors);
      cell.style.backgroundColor = `rgba(${isHit ? RIGHT : WRONG}, ${(isHit ? 0.05 : 0) + 0.9 * strength})`;
      cell.classList.toggle("strong", strength > STRONG);
      cell.firstChild.textContent = this.write(count, values[position]);
      this.mark(cell.lastChild, change / Math.max(countRow(counts, row, size), 1));
      cell.title = this.say(row, column, count, before ? change : null, since);
      cell.setAttribute("aria-label", cell.title);
    });
    this.names.forEach((name, index) => this.describe(name, index, counts));
    this.root.classList.toggle("dense", scale.hits >= 1000);
    this.read(this.reader);
  }

  write(count, value) {
    if (this.by === "counts") return count || "";
    return value >= LEAST_SHARE ? `${Math.round(100 * value)}%` : "";
  }

  describe(name, index, counts) {
    const size = this.names.length;
    const hits = counts[index * size + index];
    const tell = (header, items, sentence) => {
      if (!header.spot) return;
      header.title = `${sentence}: ${items.toLocaleString("en")}, ${hits.toLocaleString("en")} of them right`;
      header.setAttribute("aria-label", header.title);
    };
    tell(this.rowNames[index], countRow(counts, index, size), `Items that are ${name}`);
    tell(this.columnNames[index], countColumn(counts, index, size), `Items taken for ${name}`);
  }

  mark(element, share) {
    const isShown = Math.abs(share) >= LEAST_CHANGE;
    // One that fades keeps its shape.
    if (isShown) element.className = share > 0 ? "change up" : "change down";
    element.style.opacity = isShown ? Math.min(0.4 + 10 * Math.abs(share), 0.9) : 0;
  }

  say(row, column, count, change, since) {
    const said = row === column ? "rightly recognised" : `taken for ${this.names[column]}`;
    const text = `${count.toLocaleString("en")} ${this.names[row]} ${said}`;
    if (change === null) return text;
    if (change === 0) return `${text}, as many as after epoch ${since}`;
    const more = change > 0 ? "more" : "fewer";
    return `${text}, ${Math.abs(change).toLocaleString("en")} ${more} than after epoch ${since}`;
  }

  /** Write below the matrix what a cell says; a title alone cannot be seen by touch. */
  read(cell) {
    this.reader = cell;
    this.reading.textContent = cell?.title || this.help;
  }

  walk(event) {
    const spot = event.target.spot;
    if (!spot) return;
    const size = this.names.length;
    // The names stand left of the first column and below the last row.
    const row = spot.row === undefined ? size : this.order.indexOf(spot.row);
    const column = spot.column === undefined ? -1 : this.order.indexOf(spot.column);
    const targets = {
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      Home: [row, 0],
      End: [row, size - 1],
    };
    if (event.key === "Enter" || event.key === " ") this.pick(event.target);
    else if (!(event.key in targets)) return;
    event.preventDefault();
    const target = event.key in targets && this.find(...targets[event.key]);
    if (target && this.chosen.includes(target)) target.focus();
  }

  find(row, column) {
    const size = this.names.length;
    if (column === -1) return this.rowNames[this.order[row]];
    if (row === size) return this.columnNames[this.order[column]];
    return this.order[column] === undefined ? undefined : this.cells[this.order[row] * size + this.order[column]];
  }

  pick(cell) {
    if (!cell) return;
    const isPicked = cell.getAttribute("aria-selected") === "true";
    const name = isPicked ? "none" : nameSpot(cell.spot);
    this.setPicked(name);
    this.picked(name);
  }

  setPicked(name) {
    const picked = this.chosen.find(({ spot }) => nameSpot(spot) === name);
    const reachable = picked ?? this.chosen.find((cell) => cell.matches(":focus")) ?? this.cells[0];
    for (const cell of this.chosen) {
      const { row, column } = cell.spot;
      const isHeader = row === undefined || column === undefined;
      cell.setAttribute("aria-selected", cell === picked);
      cell.tabIndex = cell === reachable ? 0 : -1;
      cell.classList.toggle("within", !isHeader && [`row-${row}`, `column-${column}`].includes(name));
    }
  }
}

function nameSpot({ row, column }) {
  if (column === undefined) return `row-${row}`;
  return row === undefined ? `column-${column}` : `${row}-${column}`;
}

/** Return a hundred counts, or which shares they are of their rows or of their columns. */
function normalize(counts, size, by) {
  if (by === "counts") return counts;
  const sums = Array.from({ length: size }, (_, index) => (by === "rows" ? countRow : countColumn)(counts, index, size));
  return Array.from(counts, (count, position) => {
    const sum = sums[by === "rows" ? Math.floor(position / size) : position % size];
    return count / Math.max(sum, 1);
  });
}

function countRow(counts, row, size) {
  return counts.subarray(row * size, (row + 1) * size).reduce((sum, count) => sum + count, 0);
}

function countColumn(counts, column, size) {
  return counts.reduce((sum, count, position) => sum + (position % size === column ? count : 0), 0);
}

/** Colours mean the same in all epochs, so that a cell that pales has lost items. */
function findScale(matrices, size, by = "counts") {
  const scale = { hits: 1e-9, errors: 1e-9 };
  for (const matrix of matrices) {
    normalize(matrix, size, by).forEach((value, position) => {
      const side = position % (size + 1) === 0 ? "hits" : "errors";
      scale[side] = Math.max(scale[side], value);
    });
  }
  return scale;
}

function make(tag, className = "", attributes = {}, text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}
