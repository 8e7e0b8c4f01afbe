// A sheet to draw on. It keeps its own pixels instead of reading them back from a <canvas>, which some browsers
// blur against fingerprinting; so filling, undoing and sending are plain loops over one array.

const SIDE = 280; // pixels of the sheet, as in components.py
const EDGE = 28;
const INK = 12; // what is darker counts as background, as in photos.py
const TOLERANCE = 24; // how far a colour may differ and still be filled
const HISTORY = 60;

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
    this.undone = [];
    this.done = [];
    this.stroke = null;
    this.find = (selector) => root.querySelector(selector);
    this.drawing = this.find(".drawing");
    this.listen();
    this.choose("brush");
  }

  listen() {
    for (const button of this.root.querySelectorAll("[data-tool]"))
      button.addEventListener("click", () => this.choose(button.dataset.tool));
    for (const button of this.root.querySelectorAll("[data-action]"))
      button.addEventListener("click", () => this[button.dataset.action]());
    this.root.addEventListener("keydown", (event) => this.press(event));
    this.drawing.addEventListener("pointerdown", (event) => this.start(event));
    this.drawing.addEventListener("pointermove", (event) => this.move(event));
    this.drawing.addEventListener("pointerup", () => this.finish());
    this.drawing.addEventListener("pointercancel", () => this.finish());
    this.drawing.addEventListener("pointerleave", () => (this.find(".ring").style.display = "none"));
  }

  // --- Talking with Python ---

  receive({ sheet, version }) {
    if (version === this.version) return;
    if (this.version !== undefined) this.remember();
    this.version = version;
    this.pixels = decode(sheet);
    this.show();
  }

  commit() {
    this.show();
    this.send({ pixels: encode(this.pixels), version: this.version });
  }

  // --- Tools ---

  choose(tool) {
    this.tool = tool;
    for (const button of this.root.querySelectorAll("[data-tool]"))
      button.setAttribute("aria-pressed", button.dataset.tool === tool);
  }

  get radius() {
    return Number(this.find(".size").value);
  }

  get grey() {
    return this.tool === "eraser" ? 0 : Number(this.find(".grey").value);
  }

  start(event) {
    if (!event.isPrimary || event.button !== 0) return;
    this.remember();
    const point = this.locate(event);
    if (this.tool === "fill") {
      fill(this.pixels, Math.floor(point.x), Math.floor(point.y), this.grey);
      this.commit();
      return;
    }
    this.drawing.setPointerCapture(event.pointerId);
    this.stroke = point;
    this.paint(point, point);
    this.show();
  }

  move(event) {
    if (!event.isPrimary) return;
    this.showRing(event);
    if (!this.stroke) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const step of passed.length ? passed : [event]) {
      const point = this.locate(step);
      this.paint(this.stroke, point);
      this.stroke = point;
    }
    this.show();
  }

  finish() {
    if (!this.stroke) return;
    this.stroke = null;
    this.commit();
  }

  locate(event) {
    const box = this.drawing.getBoundingClientRect();
    const scale = SIDE / box.width;
    return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
  }

  /** Paint a round stroke from a to b, its edge smoothed over one pixel. */
  paint(a, b) {
    const { radius, grey, pixels } = this;
    const reach = radius + 1;
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const squared = dx * dx + dy * dy || 1;
    const [left, right] = clip(Math.min(a.x, b.x) - reach, Math.max(a.x, b.x) + reach);
    const [top, bottom] = clip(Math.min(a.y, b.y) - reach, Math.max(a.y, b.y) + reach);
    for (let y = top; y <= bottom; y++)
      for (let x = left; x <= right; x++) {
        const [px, py] = [x + 0.5 - a.x, y + 0.5 - a.y];
        const along = Math.min(1, Math.max(0, (px * dx + py * dy) / squared));
        const distance = Math.hypot(px - along * dx, py - along * dy);
        const coverage = Math.min(1, radius + 0.5 - distance);
        if (coverage > 0) pixels[y * SIDE + x] += Math.round((grey - pixels[y * SIDE + x]) * coverage);
      }
  }

  // --- Going back and forth ---

  remember() {
    this.done.push(this.pixels.slice());
    if (this.done.length > HISTORY) this.done.shift();
    this.undone = [];
  }

  undo() {
    this.step(this.done, this.undone);
  }

  redo() {
    this.step(this.undone, this.done);
  }

  step(from, to) {
    if (!from.length || this.stroke) return;
    to.push(this.pixels);
    this.pixels = from.pop();
    this.commit();
  }

  clear() {
    if (!this.pixels.some(Boolean)) return;
    this.remember();
    this.pixels.fill(0);
    this.commit();
  }

  press(event) {
    const key = event.key.toLowerCase();
    const control = event.ctrlKey || event.metaKey;
    const tools = { b: "brush", f: "fill", e: "eraser" };
    if (control && key === "z") event.shiftKey ? this.redo() : this.undo();
    else if (control && key === "y") this.redo();
    else if (!control && key === "delete") this.clear();
    else if (!control && tools[key]) this.choose(tools[key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // --- What is seen ---

  show() {
    const small = shrink(this.pixels);
    this.root.classList.toggle("inked", small !== null);
    draw(this.drawing, this.pixels);
    draw(this.find(".preview"), small ?? new Uint8Array(EDGE * EDGE));
    // Not `disabled`, which would take the focus away, and the keys with it.
    const usable = { undo: this.done.length, redo: this.undone.length, clear: small };
    for (const [action, reason] of Object.entries(usable))
      this.find(`[data-action=${action}]`).setAttribute("aria-disabled", !reason);
  }

  showRing(event) {
    const { x, y } = this.locate(event);
    const percent = (value) => `${(value / SIDE) * 100}%`;
    const display = this.tool === "fill" || event.pointerType === "touch" ? "none" : "block";
    Object.assign(this.find(".ring").style, {
      display,
      left: percent(x),
      top: percent(y),
      width: percent(2 * this.radius),
    });
  }
}

function clip(low, high) {
  return [Math.max(0, Math.floor(low)), Math.min(SIDE - 1, Math.ceil(high))];
}

function draw(canvas, pixels) {
  const image = new ImageData(canvas.width, canvas.height);
  const colors = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) colors[i] = 0xff000000 | (pixels[i] * 0x010101);
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** Fill the patch around (x, y), and one pixel beyond it, so that no seam stays at a stroke's smooth edge. */
function fill(pixels, x, y, grey) {
  if (x < 0 || y < 0 || x >= SIDE || y >= SIDE) return;
  const seed = pixels[y * SIDE + x];
  const like = (i) => Math.abs(pixels[i] - seed) <= TOLERANCE;
  const patch = new Uint8Array(pixels.length);
  const open = [y * SIDE + x];
  patch[open[0]] = 1;
  while (open.length)
    for (const i of neighbours(open.pop()))
      if (!patch[i]) {
        patch[i] = 1;
        if (like(i)) open.push(i);
      }
  for (let i = 0; i < patch.length; i++) if (patch[i]) pixels[i] = grey;
}

function neighbours(i) {
  const x = i % SIDE;
  return [
    ...(x > 0 ? [i - 1] : []),
    ...(x < SIDE - 1 ? [i + 1] : []),
    ...(i >= SIDE ? [i - SIDE] : []),
    ...(i < SIDE * (SIDE - 1) ? [i + SIDE] : []),
  ];
}

/** The preview, by the rule of photos.prepare_drawing: trim, longest edge to 28 by averaging, centre. */
function shrink(pixels) {
  let [left, right, top, bottom] = [SIDE, -1, SIDE, -1];
  for (let i = 0; i < pixels.length; i++)
    if (pixels[i] > INK) {
      const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  if (right < 0) return null;
  const [width, height] = [right - left + 1, bottom - top + 1];
  const scale = EDGE / Math.max(width, height);
  const columns = spans(width, Math.max(1, Math.floor(width * scale + 0.5)));
  const rows = spans(height, Math.max(1, Math.floor(height * scale + 0.5)));
  const [offsetX, offsetY] = [columns, rows].map((parts) => Math.floor((EDGE - parts.length) / 2));
  const small = new Uint8Array(EDGE * EDGE);
  rows.forEach(([y0, y1], row) =>
    columns.forEach(([x0, x1], column) => {
      let sum = 0;
      for (let y = y0; y <= y1; y++) for (let x = x0; x <= x1; x++) sum += pixels[(top + y) * SIDE + left + x];
      small[(offsetY + row) * EDGE + offsetX + column] = Math.round(sum / ((y1 - y0 + 1) * (x1 - x0 + 1)));
    }),
  );
  return small;
}

/** Which of `length` pixels are averaged into each of `n`: first and last, as Pillow's box filter chooses them. */
function spans(length, n) {
  const scale = length / n;
  const half = Math.max(1, scale) / 2;
  return Array.from({ length: n }, (_, i) => {
    const centre = (i + 0.5) * scale - 0.5;
    return [Math.max(0, Math.floor(centre - half) + 1), Math.min(length - 1, Math.floor(centre + half))];
  });
}

/** Runs of equal pixels as pairs of bytes (length, grey) in base64: a few kilobytes, and quick on both sides. */
function encode(pixels) {
  const pairs = [];
  for (let i = 0, start = 0; i <= pixels.length; i++)
    if (i === pixels.length || pixels[i] !== pixels[start] || i - start === 255) {
      pairs.push(String.fromCharCode(i - start, pixels[start]));
      start = i;
    }
  return btoa(pairs.join(""));
}

function decode(text) {
  const pixels = new Uint8Array(SIDE * SIDE);
  const pairs = atob(text);
  for (let i = 0, end = 0; i < pairs.length; i += 2)
    pixels.fill(pairs.charCodeAt(i + 1), end, (end += pairs.charCodeAt(i)));
  return pixels;
}
