const NOTES = {
  scissors: "Cut right across: the smaller side falls off. Or go round what shall fall off.",
  nothing: "Nothing was cut: begin and end outside the garment, or go round something.",
  keys: "The arrow keys move the pen; the space bar lowers and lifts it.",
};
const KEYS = { b: "brush", l: "line", f: "fill", e: "eraser", s: "scissors" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 4; // pixels that an arrow key moves the pen

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".easel");
  // Runs at every rerun of the page while the elements stay, so the easel lives on its element.
  root.easel ??= new Easel(root);
  root.easel.send = (sheet) => setStateValue("sheet", sheet);
  root.easel.receive(data);
}

class Easel {
  constructor(root) {
    this.root = root;
    this.pixels = new Uint8Array(SIDE * SIDE);
    this.stroke = null; // where the pen has been since it was lowered
    this.pen = { x: SIDE / 2, y: SIDE / 2 }; // for the arrow keys
    this.find = (selector) => root.querySelector(selector);
    this.drawing = this.find(".drawing");
    this.listen();
  }

  listen() {
    for (const button of this.root.querySelectorAll("[data-tool]"))
      button.addEventListener("click", () => this.choose(button.dataset.tool));
    for (const button of this.root.querySelectorAll("[data-action]"))
      button.addEventListener("click", () => this.stroke || this[button.dataset.action]());
    this.find("[data-switch]").addEventListener("click", () => this.mirror(!this.symmetric));
    this.root.addEventListener("input", () => this.keepSettings());
    this.root.addEventListener("keydown", (event) => this.press(event));
    const { drawing } = this;
    drawing.addEventListener("pointerdown", (event) => this.lower(event));
    drawing.addEventListener("pointermove", (event) => this.drag(event));
    drawing.addEventListener("pointerup", (event) => event.isPrimary && this.finish());
    drawing.addEventListener("pointercancel", (event) => event.isPrimary && this.finish());
    drawing.addEventListener("pointerleave", () => this.hideRing());
    drawing.addEventListener("focus", () => drawing.matches(":focus-visible") && this.say(NOTES.keys));
    drawing.addEventListener("blur", () => this.leave());
  }

  // --- Talking with Python ---

  receive({ key, sheet, version, tool, note }) {
    if (version === this.version) return;
    const pixels = decode(sheet);
    if (this.version === undefined) {
      this.history = History.of(key, version, pixels);
      this.takeSettings(this.history.settings ?? { tool: tool || "brush", symmetric: false });
    } else {
      this.history.remember(this.pixels);
      if (tool) this.choose(tool);
    }
    if (note && this.history.version !== version) this.say(note);
    this.version = version;
    this.pixels = pixels;
    this.history.end(version, pixels);
    this.show();
  }

  commit() {
    this.history.end(this.version, this.pixels);
    this.show();
    this.send({ pixels: encode(this.pixels), version: this.version });
  }

  // --- Tools and settings ---

  choose(tool) {
    this.finish();
    this.tool = tool;
    for (const button of this.root.querySelectorAll("[data-tool]"))
      button.setAttribute("aria-pressed", button.dataset.tool === tool);
    this.say(NOTES[tool]);
    this.keepSettings();
  }

  mirror(symmetric) {
    this.symmetric = symmetric;
    this.root.classList.toggle("symmetric", symmetric);
    this.find("[data-switch]").setAttribute("aria-pressed", symmetric);
    this.keepSettings();
  }

  keepSettings() {
    const { tool, symmetric } = this;
    this.history.settings = { tool, symmetric, size: this.find(".size").value, grey: this.find(".grey").value };
  }

  takeSettings({ tool, symmetric, size, grey }) {
    if (size) this.find(".size").value = size;
    if (grey) this.find(".grey").value = grey;
    this.choose(tool);
    this.mirror(symmetric);
  }

  get radius() {
    return Number(this.find(".size").value);
  }

  get grey() {
    return this.tool === "eraser" ? 0 : Number(this.find(".grey").value);
  }

  // --- A stroke: the pen is lowered, moved and lifted, by pointer or by key ---

  lower(event) {
    if (!event.isPrimary || event.button !== 0) return;
    this.drawing.setPointerCapture(event.pointerId);
    this.start(this.locate(event), event.shiftKey);
  }

  drag(event) {
    if (!event.isPrimary) return;
    this.pen = this.locate(event);
    this.showRing(event.pointerType === "touch");
    if (!this.stroke || !event.buttons) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const step of passed.length ? passed : [event]) this.move(this.locate(step));
    this.show();
  }

  start(point, straight) {
    this.finish();
    this.say();
    this.before = this.pixels.slice();
    this.straight = straight || this.tool === "line";
    this.stroke = [point];
    if (this.tool === "fill") {
      fill(this.pixels, this.symmetric ? [point, mirrored(point)] : [point], this.grey);
      this.finish();
      return;
    }
    this.mark(point, point);
    this.show();
  }

  move(point) {
    if (this.straight) {
      this.stroke.length = 1;
      this.pixels.set(this.before);
    }
    this.mark(this.stroke.at(-1), point);
    this.stroke.push(point);
  }

  mark(a, b) {
    if (this.tool === "scissors") return;
    const { pixels, radius, grey } = this;
    paint(pixels, a, b, radius, grey);
    if (this.symmetric) paint(pixels, mirrored(a), mirrored(b), radius, grey);
  }

  finish() {
    const { stroke } = this;
    if (!stroke) return;
    this.stroke = null;
    if (this.tool === "scissors") this.snip(stroke);
    if (isSame(this.pixels, this.before)) this.show();
    else {
      this.history.remember(this.before);
      this.commit();
    }
  }

  snip(path) {
    const paths = this.symmetric ? [path, path.map(mirrored)] : [path];
    const fell = paths.filter((one) => cut(this.pixels, one));
    this.say(fell.length ? "" : NOTES.nothing);
  }

  leave() {
    this.finish();
    this.hideRing();
    if (this.find(".note").textContent === NOTES.keys) this.say(NOTES[this.tool]);
  }

  locate(event) {
    const box = this.drawing.getBoundingClientRect();
    const scale = SIDE / box.width;
    return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
  }

  // --- Actions ---

  undo() {
    this.replace(this.history.undo(this.pixels));
  }

  redo() {
    this.replace(this.history.redo(this.pixels));
  }

  clear() {
    this.change(new Uint8Array(SIDE * SIDE));
  }

  flip() {
    this.change(flipped(this.pixels));
  }

  change(pixels) {
    if (isSame(pixels, this.pixels)) return;
    this.history.remember(this.pixels);
    this.replace(pixels);
  }

  replace(pixels) {
    if (pixels === this.pixels) return;
    this.pixels = pixels;
    this.commit();
  }

  // --- Keys ---

  press(event) {
    if (!this.obey(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Do what a key says; false if it says nothing. */
  obey(event) {
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (key !== "z" && key !== "y") return false;
      this.finish();
      key === "y" || event.shiftKey ? this.redo() : this.undo();
    } else if (KEYS[key]) this.choose(KEYS[key]);
    else if (key === "delete") this.clear();
    else if (key === "h") this.flip();
    else if (key === "m") this.mirror(!this.symmetric);
    else return event.target === this.drawing && this.steer(event);
    return true;
  }

  steer({ key, shiftKey }) {
    if (ARROWS[key]) {
      const [dx, dy] = ARROWS[key];
      const clamp = (value) => Math.min(SIDE, Math.max(0, value));
      const step = shiftKey ? 4 * STEP : STEP;
      this.pen = { x: clamp(this.pen.x + step * dx), y: clamp(this.pen.y + step * dy) };
      if (this.stroke) this.move(this.pen);
      this.show();
    } else if (key !== " ") return false;
    else this.stroke ? this.finish() : this.start(this.pen, false);
    this.showRing(false);
    return true;
  }

  // --- What is seen ---

  show() {
    const small = shrink(this.pixels);
    this.root.classList.toggle("inked", small !== null);
    draw(this.drawing, this.pixels);
    draw(this.find(".preview"), small ?? new Uint8Array(EDGE * EDGE));
    this.showCut();
    // Not `disabled`, which would take the focus away, and the keys with it.
    const usable = { undo: this.history.done.length, redo: this.history.undone.length, clear: small, flip: small };
    for (const [action, reason] of Object.entries(usable))
      this.find(`[data-action=${action}]`).setAttribute("aria-disabled", !reason);
  }

  showCut() {
    const path = (this.tool === "scissors" && this.stroke) || [];
    const both = [path, this.symmetric ? path.map(mirrored) : []];
    this.root.querySelectorAll(".cut").forEach((line, i) => {
      line.setAttribute("points", both[i].map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" "));
    });
  }

  showRing(byFinger) {
    const percent = (value) => `${(value / SIDE) * 100}%`;
    const paints = this.tool !== "fill" && this.tool !== "scissors";
    Object.assign(this.find(".ring").style, {
      display: byFinger ? "none" : "block",
      left: percent(this.pen.x),
      top: percent(this.pen.y),
      width: percent(paints ? 2 * this.radius : 6),
    });
  }

  hideRing() {
    this.find(".ring").style.display = "none";
  }

  say(sentence = "") {
    this.find(".note").textContent = sentence;
  }
}
