// Going back and forth. A history outlives its easel, so that it is there again after a visit to another page.

const STEPS = 60;
const HISTORIES = (window.fmnistHistories ??= new Map());

class History {
  /** Take up the history of this key if it ended with these pixels, else begin a new one. */
  static of(key, version, pixels) {
    const kept = HISTORIES.get(key);
    if (kept?.version === version && isSame(kept.pixels, pixels)) return kept;
    const fresh = new History();
    HISTORIES.set(key, fresh);
    return fresh;
  }

  constructor() {
    this.done = [];
    this.undone = [];
  }

  /** Note how the history ends, to know it again. */
  end(version, pixels) {
    Object.assign(this, { version, pixels });
  }

  remember(pixels) {
    this.done.push(pixels);
    if (this.done.length > STEPS) this.done.shift();
    this.undone = [];
  }

  undo(pixels) {
    return this.step(pixels, this.done, this.undone);
  }

  redo(pixels) {
    return this.step(pixels, this.undone, this.done);
  }

  step(pixels, from, to) {
    if (!from.length) return pixels;
    to.push(pixels);
    return from.pop();
  }
}
