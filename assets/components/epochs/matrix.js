// The confusion matrix: a hundred cells that are made once and then only change.

const RIGHT = "47, 112, 176";
const WRONG = "205, 84, 28";
const STRONG = 0.55; // from here on the text is white
const LEAST_CHANGE = 0.005; // of the true class's items: smaller changes get no mark
const HELP = "Rows are true classes, columns what the network said. Click a cell to see its items below.";

class Matrix {
  /** @param picked called with a cell's name, "true-predicted", or with "none". */
  constructor(root, names, picked) {
    this.root = root.querySelector(".matrix");
    this.reading = root.querySelector(".reading");
    this.names = names;
    this.picked = picked;
    this.root.setAttribute("aria-label", "Confusion matrix: rows are true classes, columns predicted ones");
    this.cells = [];
    names.forEach((name, row) => {
      const line = make("div", "row", { role: "row" });
      line.append(make("div", "row-name", { role: "rowheader" }, name));
      names.forEach((_, column) => line.append(this.makeCell(row, column)));
      this.root.append(line);
    });
    const footer = make("div", "row", { role: "row", "aria-hidden": "true" });
    footer.append(make("div", "corner"));
    for (const name of names) {
      const header = make("div", "column-name");
      header.append(make("span", "", {}, name));
      footer.append(header);
    }
    this.root.append(footer);
    this.root.addEventListener("click", (event) => this.pick(event.target.closest(".cell")));
    this.root.addEventListener("keydown", (event) => this.walk(event));
    this.root.addEventListener("pointerover", (event) => this.read(event.target.closest(".cell") ?? this.reader));
    this.root.addEventListener("pointerleave", () => this.read(null));
    this.root.addEventListener("focusin", (event) => this.read(event.target));
    this.root.addEventListener("focusout", () => this.read(null));
    this.cells[0].tabIndex = 0;
    this.read(null);
  }

  makeCell(row, column) {
    const cell = make("div", row === column ? "cell hit" : "cell", { role: "gridcell" });
    cell.tabIndex = -1;
    cell.append(make("span", "count"), make("i", "change"));
    this.cells.push(cell);
    return cell;
  }

  /**
   * @param counts a hundred numbers, row by row.
   * @param before those of the epoch before, or null.
   * @param scale { hits, errors }: the counts that get the full colour, the same for all epochs.
   */
  show(counts, before, scale, since) {
    const size = this.names.length;
    this.cells.forEach((cell, position) => {
      const row = Math.floor(position / size);
      const column = position % size;
      const count = counts[position];
      const change = before ? count - before[position] : 0;
      const isHit = row === column;
      // Errors by their roots: else the few large ones of the first epochs would leave all others pale.
      const strength = isHit ? count / scale.hits : Math.sqrt(count / scale.errors);
      cell.style.backgroundColor = `rgba(${isHit ? RIGHT : WRONG}, ${(isHit ? 0.05 : 0) + 0.9 * strength})`;
      cell.classList.toggle("strong", strength > STRONG);
      cell.firstChild.textContent = count || "";
      this.mark(cell.lastChild, change / Math.max(this.countRow(counts, row), 1));
      cell.title = this.say(row, column, count, before ? change : null, since);
      cell.setAttribute("aria-label", cell.title);
    });
    this.root.classList.toggle("dense", scale.hits >= 1000);
    this.read(this.reader);
  }

  countRow(counts, row) {
    const size = this.names.length;
    return counts.subarray(row * size, (row + 1) * size).reduce((sum, count) => sum + count, 0);
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
    this.reading.textContent = cell?.title || HELP;
  }

  walk(event) {
    const position = this.cells.indexOf(event.target);
    if (position < 0) return;
    const size = this.names.length;
    const column = position % size;
    const targets = {
      ArrowLeft: column > 0 && position - 1,
      ArrowRight: column < size - 1 && position + 1,
      ArrowUp: position >= size && position - size,
      ArrowDown: position < size * (size - 1) && position + size,
      Home: position - column,
      End: position - column + size - 1,
    };
    if (event.key === "Enter" || event.key === " ") this.pick(event.target);
    else if (!(event.key in targets)) return;
    event.preventDefault();
    this.cells[targets[event.key]]?.focus();
  }

  pick(cell) {
    if (!cell) return;
    const position = this.cells.indexOf(cell);
    const size = this.names.length;
    const name = `${Math.floor(position / size)}-${position % size}`;
    const isPicked = cell.getAttribute("aria-selected") === "true";
    this.setPicked(isPicked ? "none" : name);
    this.picked(isPicked ? "none" : name);
  }

  setPicked(name) {
    const size = this.names.length;
    const chosen = this.cells.findIndex((_, position) => name === `${Math.floor(position / size)}-${position % size}`);
    const reachable = chosen < 0 ? Math.max(this.cells.findIndex((cell) => cell.matches(":focus")), 0) : chosen;
    this.cells.forEach((cell, position) => {
      cell.setAttribute("aria-selected", position === chosen);
      cell.tabIndex = position === reachable ? 0 : -1;
    });
  }
}

function make(tag, className = "", attributes = {}, text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}
