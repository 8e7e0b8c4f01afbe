// The ten classes: how many of their items are right, as bars at one epoch and as lines over all.

const WIDTH = 1000;
const HEIGHT = 300;

class Classes {
  /** @param moved called with the position of an epoch that somebody points at. */
  constructor(root, classes, moved) {
    this.root = root.querySelector(".classes");
    this.plot = this.root.querySelector(".plot");
    this.drawing = this.plot.querySelector("svg");
    this.drawing.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    this.paths = [...classes, { color: "currentColor" }].map(({ color }) => {
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.style.stroke = color;
      this.drawing.append(path);
      return path;
    });
    this.paths.at(-1).classList.add("all");
    this.bars = classes.map((each, index) => this.makeBar(each, index));
    this.root.querySelector(".bars").append(...this.bars);
    const point = (event) => {
      const box = this.plot.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      moved(Math.min(Math.max(Math.floor(share * this.n), 0), this.n - 1));
    };
    this.plot.addEventListener("pointerdown", (event) => {
      this.plot.setPointerCapture(event.pointerId);
      point(event);
    });
    this.plot.addEventListener("pointermove", (event) => event.buttons && point(event));
  }

  makeBar({ name, color }, index) {
    const bar = make("li", "bar");
    bar.style.setProperty("--color", color);
    bar.append(make("span", "name", {}, name), make("span", "track"), make("span", "share"));
    bar.children[1].append(make("i"));
    bar.addEventListener("pointerenter", () => this.point(index));
    bar.addEventListener("pointerleave", () => this.point(-1));
    return bar;
  }

  /** Let the line of a class stand out. */
  point(index) {
    this.paths.forEach((path, other) => path.classList.toggle("faint", index >= 0 && other !== index));
  }

  /** @param recalls for each epoch ten shares, NaN for a class without items, and the share of all. */
  draw(recalls, epochs) {
    this.recalls = recalls;
    this.n = recalls.length;
    const lowest = Math.min(...recalls.flat().filter(Number.isFinite));
    this.floor = Math.min(Math.floor(10 * lowest) / 10, 0.9);
    this.root.querySelector(".lines").hidden = this.n < 2;
    this.paths.forEach((path, index) => {
      const points = recalls.map((shares, place) => [this.findX(place) * WIDTH, this.findY(shares[index]) * HEIGHT]);
      const isThere = points.every(([, y]) => Number.isFinite(y));
      path.setAttribute("d", isThere ? "M" + points.map((point) => point.map((value) => value.toFixed(1))).join("L") : "");
    });
    const write = (name, text) => (this.root.querySelector(name).textContent = text);
    write(".highest", "100%");
    write(".lowest", `${Math.round(100 * this.floor)}%`);
    write(".first", epochs[0]);
    write(".last", epochs.at(-1));
  }

  findX(place) {
    return (place + 0.5) / this.n;
  }

  findY(share) {
    return (1 - share) / (1 - this.floor);
  }

  show(place) {
    const shares = this.recalls[place];
    const before = this.recalls[place - 1];
    this.bars.forEach((bar, index) => {
      const text = say(shares[index], before ? shares[index] - before[index] : 0);
      bar.querySelector("i").style.width = `${100 * (shares[index] || 0)}%`;
      bar.lastChild.textContent = text;
    });
    this.plot.style.setProperty("--x", `${100 * this.findX(place)}%`);
    this.plot.style.setProperty("--y", `${100 * this.findY(shares.at(-1))}%`);
  }
}

function say(share, change) {
  if (!Number.isFinite(share)) return "no items";
  const points = Math.round(1000 * change) / 10;
  const text = `${(100 * share).toFixed(1)}%`;
  return points ? `${text} ${points > 0 ? "▲" : "▼"}${Math.abs(points).toFixed(1)}` : text;
}
