// Which points are near a place or inside an outline: found by a grid of cells, not by looking at all of them.

const CELLS = 256; // along each side; a cell's number fits into 16 bits
const SLABS = 256; // into which an outline's edges are sorted

class PointIndex {
  /** @param places x and y of each point in turn, from -0.5 to 0.5. */
  constructor(places) {
    const n = places.length / 2;
    const cells = new Uint16Array(n);
    this.places = places;
    this.starts = new Uint32Array(CELLS * CELLS + 1);
    this.order = new Uint32Array(n);
    for (let i = 0; i < n; i++) {
      cells[i] = toCell(places[2 * i + 1]) * CELLS + toCell(places[2 * i]);
      this.starts[cells[i] + 1]++;
    }
    for (let cell = 0; cell < CELLS * CELLS; cell++) this.starts[cell + 1] += this.starts[cell];
    const next = this.starts.slice();
    for (let i = 0; i < n; i++) this.order[next[cells[i]]++] = i;
  }

  /** Call visit(position) for each point of a box, until it returns false. */
  visitBox(left, bottom, right, top, visit) {
    const { places, starts, order } = this;
    const [first, last] = [toCell(left), toCell(right)];
    for (let row = toCell(bottom); row <= toCell(top); row++)
      for (let k = starts[row * CELLS + first]; k < starts[row * CELLS + last + 1]; k++) {
        const i = order[k];
        const [x, y] = [places[2 * i], places[2 * i + 1]];
        if (x >= left && x <= right && y >= bottom && y <= top && visit(i) === false) return;
      }
  }

  /** Call visit(position) for each point inside an outline: x and y of its corners in turn, even-odd rule. */
  visitOutline(outline, visit) {
    const { places } = this;
    const [xs, ys] = [0, 1].map((axis) => outline.filter((_, i) => i % 2 === axis));
    const [left, right] = [Math.min(...xs), Math.max(...xs)];
    const [bottom, top] = [Math.min(...ys), Math.max(...ys)];
    const toSlab = (y) => Math.min(SLABS - 1, Math.floor(((y - bottom) / (top - bottom || 1)) * SLABS));
    // A point needs to be compared only with the edges that pass through its slab.
    const slabs = Array.from({ length: SLABS }, () => []);
    for (let i = 0, j = xs.length - 1; i < xs.length; j = i++)
      for (let slab = toSlab(Math.min(ys[i], ys[j])); slab <= toSlab(Math.max(ys[i], ys[j])); slab++)
        slabs[slab].push(i, j);
    this.visitBox(left, bottom, right, top, (point) => {
      const [x, y] = [places[2 * point], places[2 * point + 1]];
      const edges = slabs[toSlab(y)];
      let inside = false;
      for (let k = 0; k < edges.length; k += 2) {
        const [i, j] = [edges[k], edges[k + 1]];
        if (ys[i] > y !== ys[j] > y && x < ((xs[j] - xs[i]) * (y - ys[i])) / (ys[j] - ys[i]) + xs[i]) inside = !inside;
      }
      if (inside) visit(point);
    });
  }

  /** The nearest of the points that count within a radius, or -1. */
  findNearest(x, y, radius, counts) {
    let [nearest, best] = [-1, radius * radius];
    this.visitBox(x - radius, y - radius, x + radius, y + radius, (i) => {
      const squared = this.squareDistance(i, x, y);
      if (squared <= best && counts(i)) [nearest, best] = [i, squared];
    });
    return nearest;
  }

  /** The nearest k of the points that count, nearest first; the search begins within a radius. */
  findAround(x, y, k, radius, counts) {
    for (let reach = radius; ; reach *= 2) {
      const found = [];
      this.visitBox(x - reach, y - reach, x + reach, y + reach, (i) => {
        if (counts(i)) found.push({ i, squared: this.squareDistance(i, x, y) });
      });
      if (found.length >= k || reach > 2)
        return found.sort((a, b) => a.squared - b.squared).slice(0, k).map(({ i }) => i);
    }
  }

  squareDistance(i, x, y) {
    const [dx, dy] = [this.places[2 * i] - x, this.places[2 * i + 1] - y];
    return dx * dx + dy * dy;
  }
}

function toCell(coordinate) {
  return Math.min(CELLS - 1, Math.max(0, Math.floor((coordinate + 0.5) * CELLS)));
}
