// A confusion matrix whose cells, rows and columns can be chosen; with a slider where there is one for each epoch.
// Python sends one packet: 4 bytes with the header's length (little endian), a JSON header, then for each epoch, or
// once, the hundred counts of its confusion matrix, row by row, as uint16 (little endian).
// Header: { run, epochs: [number], none without epochs, names, epoch, by: "counts" | "rows" | "columns",
//           order: [class], picked: "true-predicted", "row-true", "column-predicted" or "none" }
// Tells: epoch (where somebody stays), picked.

const WHOLE_HELP =
  "Rows are true classes, columns what the network said. Choose a cell to see its items, or the name of a class for " +
  "its whole row or column.";

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".lab-confusion");
  // Runs at every rerun of the page while the elements stay.
  root.table ??= new Table(root);
  root.table.tell = setTriggerValue;
  root.table.receive(data);
  return () => root.table.clock?.close();
}

class Table {
  constructor(root) {
    this.root = root;
  }

  receive(data) {
    const length = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + length)));
    const counts = new Uint16Array(data.slice(4 + length).buffer);
    const cells = header.names.length ** 2;
    if (!this.clock) this.build(header.names);
    if (this.run !== header.run) {
      this.run = header.run;
      this.clock.pause();
      this.shared = { epoch: new Shared(), picked: new Shared() };
    }
    const busy = this.clock.timer || this.clock.dragged;
    this.epochs = header.epochs;
    this.matrices = Array.from({ length: counts.length / cells }, (_, place) =>
      counts.subarray(place * cells, (place + 1) * cells),
    );
    this.matrix.by = header.by;
    this.scale = findScale(this.matrices, header.names.length, header.by);
    if (String(header.order) !== String(this.matrix.order)) this.matrix.arrange(header.order);
    this.clock.slider.max = this.matrices.length - 1;
    this.root.querySelector(".clock").hidden = !header.epochs.length;
    this.root.classList.toggle("single", header.epochs.length < 2);
    // Who drags the slider just now, or lets time run, will say where it ends.
    if (this.shared.epoch.isNews(header.epoch) && !busy) {
      this.clock.slider.value = Math.max(header.epochs.indexOf(header.epoch), 0);
    }
    if (this.shared.picked.isNews(header.picked)) this.matrix.setPicked(header.picked);
    this.show(this.clock.place);
  }

  build(names) {
    this.clock = new Clock(this.root, (place) => this.show(place), (place) => this.send("epoch", this.epochs[place]));
    this.clock.show();
    const options = { headers: true, help: WHOLE_HELP };
    this.matrix = new Matrix(this.root, names, (spot) => this.send("picked", spot), options);
  }

  send(name, value) {
    this.shared[name].sent(value);
    this.tell(name, value);
  }

  show(place) {
    this.matrix.show(this.matrices[place], this.matrices[place - 1] ?? null, this.scale, this.epochs[place - 1]);
    if (!this.epochs.length) return;
    const text = `Epoch ${this.epochs[place]}`;
    this.clock.slider.setAttribute("aria-valuetext", text);
    this.clock.slider.style.setProperty("--share", place / Math.max(this.clock.last, 1));
    this.root.querySelector(".now").textContent = `${text} · ${(100 * findAccuracy(this.matrices[place])).toFixed(1)}% right`;
  }
}

function findAccuracy(counts) {
  const size = Math.sqrt(counts.length);
  const hits = counts.reduce((sum, count, position) => sum + (position % (size + 1) === 0 ? count : 0), 0);
  return hits / Math.max(counts.reduce((sum, count) => sum + count, 0), 1);
}
