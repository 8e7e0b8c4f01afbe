// A run's answers after every epoch. All matrices are here, so that time can be travelled without asking Python.
// Python sends one packet: 4 bytes with the header's length (little endian), a JSON header, then for each epoch the
// hundred counts of its confusion matrix, row by row, as uint16 (little endian).
// Header: { run, epochs: [number], classes: [{ name, color }], epoch, picked: "true-predicted" or "none" }
// Tells: epoch (where somebody stays), picked.

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".lab-epochs");
  // Runs at every rerun of the page while the elements stay.
  root.past ??= new Past(root);
  root.past.tell = setTriggerValue;
  root.past.receive(data);
  return () => root.past.close();
}

class Past {
  constructor(root) {
    this.root = root;
  }

  receive(data) {
    const length = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + length)));
    const counts = new Uint16Array(data.slice(4 + length).buffer);
    const size = header.classes.length;
    if (!this.clock) this.build(header.classes);
    if (this.run !== header.run) {
      this.run = header.run;
      this.clock.pause();
      this.shared = { epoch: new Shared(), picked: new Shared() };
    }
    const busy = this.clock.timer || this.clock.dragged;
    this.epochs = header.epochs;
    this.matrices = header.epochs.map((_, place) => counts.subarray(place * size * size, (place + 1) * size * size));
    this.scale = findScale(this.matrices, size);
    this.clock.slider.max = header.epochs.length - 1;
    this.root.classList.toggle("single", header.epochs.length < 2);
    this.classes.draw(this.matrices.map((matrix) => findRecalls(matrix, size)), header.epochs);
    // Who drags the slider just now, or lets time run, will say where it ends.
    if (this.shared.epoch.isNews(header.epoch) && !busy) this.clock.slider.value = header.epochs.indexOf(header.epoch);
    if (this.shared.picked.isNews(header.picked)) this.matrix.setPicked(header.picked);
    this.show(this.clock.place);
  }

  build(classes) {
    this.clock = new Clock(this.root, (place) => this.show(place), (place) => this.send("epoch", this.epochs[place]));
    this.clock.show();
    this.matrix = new Matrix(this.root, classes.map(({ name }) => name), (cell) => this.send("picked", cell));
    this.classes = new Classes(this.root, classes, (place) => place !== this.clock.place && this.clock.move(place));
  }

  send(name, value) {
    this.shared[name].sent(value);
    this.tell(name, value);
  }

  show(place) {
    const epoch = this.epochs[place];
    const recalls = this.classes.recalls[place];
    const right = Number.isFinite(recalls.at(-1)) ? `${(100 * recalls.at(-1)).toFixed(1)}% right` : "";
    this.matrix.show(this.matrices[place], this.matrices[place - 1] ?? null, this.scale, this.epochs[place - 1]);
    this.classes.show(place);
    this.clock.slider.setAttribute("aria-valuetext", `Epoch ${epoch}`);
    this.clock.slider.style.setProperty("--share", place / Math.max(this.clock.last, 1));
    this.root.querySelector(".now").textContent = `Epoch ${epoch} · ${right}`;
    // Of a run that came with the lab not every epoch is here, so the one before has to be named.
    this.root.querySelector(".since").textContent = place ? `epoch ${this.epochs[place - 1]}` : "the epoch before";
    // The stories of items elsewhere on the page mark the same moment.
    document.documentElement.style.setProperty("--lab-moment", (place + 0.5) / this.epochs.length);
  }

  close() {
    this.clock?.close();
    document.documentElement.style.removeProperty("--lab-moment");
  }
}

/** Share of right answers for each true class, NaN for one without items, and last that of all. */
function findRecalls(matrix, size) {
  const recalls = [];
  let hits = 0;
  let items = 0;
  for (let row = 0; row < size; row++) {
    const counts = matrix.subarray(row * size, (row + 1) * size);
    const members = counts.reduce((sum, count) => sum + count, 0);
    recalls.push(members ? counts[row] / members : NaN);
    hits += counts[row];
    items += members;
  }
  return [...recalls, hits / items];
}
