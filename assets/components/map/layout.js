// The places of a projection's points, fetched once by its address and kept for coming back.

const KEPT_LAYOUTS = 4;
const STEPS = 65535; // of the positions on their way, as in projection_files.py
const ALL_ITEMS = 70000;
const layouts = new Map();

/** Return the promise of a projection's layout; it fails with a sentence. */
function fetchLayout(address) {
  const known = layouts.get(address);
  const layout = known ?? requestLayout(address);
  layouts.delete(address);
  layouts.set(address, layout);
  if (layouts.size > KEPT_LAYOUTS) layouts.delete(layouts.keys().next().value);
  layout.catch(() => layouts.get(address) === layout && layouts.delete(address));
  return layout;
}

async function requestLayout(address) {
  const answer = await fetch(new URL(address, document.baseURI)).catch(() => null);
  if (!answer) throw new Error("The server does not answer.");
  if (!answer.ok) throw new Error(answer.status === 500 ? "The server made a mistake." : await answer.text());
  return new Layout(await answer.arrayBuffer());
}

class Layout {
  /** Reads what projection_files.pack_projection writes. */
  constructor(buffer) {
    const length = new DataView(buffer).getUint32(0, true);
    const { items, everything, extent } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
    const steps = new Uint16Array(buffer, 4 + length, 2 * items);
    const end = 4 + length + 4 * items;
    this.n = items;
    this.numbers = everything ? null : new Uint32Array(buffer, end, items);
    this.labels = new Uint8Array(buffer, end + (everything ? 0 : 4 * items), items);
    // x and y of each point in turn; the longer side of the whole reaches from -0.5 to 0.5.
    this.extent = extent.map((side) => side / Math.max(...extent));
    this.places = new Float32Array(2 * items);
    for (let axis = 0; axis < 2; axis++)
      for (let i = 0; i < items; i++)
        this.places[2 * i + axis] = (steps[axis * items + i] / STEPS - 0.5) * this.extent[axis];
    this.index = new PointIndex(this.places);
  }

  /** The number of the item at a position. */
  itemAt(position) {
    return this.numbers ? this.numbers[position] : position;
  }

  /** The position of an item, or -1. */
  find(item) {
    if (item === null || item < 0) return -1;
    if (!this.numbers) return item < this.n ? item : -1;
    if (!this.positions) {
      this.positions = new Int32Array(ALL_ITEMS).fill(-1);
      this.numbers.forEach((number, position) => (this.positions[number] = position));
    }
    return this.positions[item] ?? -1;
  }
}
