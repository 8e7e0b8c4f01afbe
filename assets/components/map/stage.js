// Where the points are seen: draws them when something has changed, moves the view, finds what the pointer is on.

const GLANCE_MS = 220; // of a change of view by a button or a key
const REACH = 12; // pixels around the pointer in which a point is found
const TOUCH_REACH = 24;
const AIM_REACH = 60;
const AROUND = 40; // garments fetched together, the nearest ones to the pointer
const MOST_GARMENTS = 350; // that are drawn as pictures,
const GARMENT_ROOM = 1700; // and the square pixels that each needs at least
const TILES = [28, 64]; // smallest and largest side of such a picture

class Stage {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.points = new Points(this.find(".points"), () => this.invalidate());
    Object.assign(this, { layout: null, codes: new Uint8Array(0), categories: [], hidden: new Uint8Array(256) });
    Object.assign(this, { pinned: null, marked: [], choice: null, draft: null, outline: null });
    Object.assign(this, { share: 1, motion: null, hovered: -1, pointer: null, aiming: false, pictured: [], tile: 0 });
    if (!this.points.gl) return;
    this.counts = (position) => !this.hidden[this.codes[position]];
    this.view = new View();
    this.overlay = new Overlay(this.find(".marks"));
    this.pictures = new Pictures(() => this.invalidate(false));
    this.card = new Card(this.find(".card"));
    this.gestures = new Gestures(this.find(".marks"), this);
    this.find(".marks").addEventListener("blur", () => this.leave());
    new ResizeObserver(() => this.resize()).observe(this.find(".stage"));
  }

  // --- Drawing ---

  resize() {
    const { clientWidth: width, clientHeight: height } = this.find(".stage");
    if (!width) return;
    const ratio = devicePixelRatio;
    this.view.resize(width, height);
    this.points.resize(Math.round(width * ratio), Math.round(height * ratio));
    this.overlay.resize(Math.round(width * ratio), Math.round(height * ratio), ratio);
    // At once: a canvas of another size is an empty one.
    this.invalidate();
    this.draw(performance.now());
  }

  /** @param points whether they must be drawn again, or only what lies over them. */
  invalidate(points = true) {
    this.stale ||= points;
    this.frame ??= requestAnimationFrame((now) => this.draw(now));
  }

  draw(now) {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    if (!this.layout) return;
    this.step(now);
    if (this.stale) this.drawPoints();
    this.stale = false;
    this.overlay.draw(this);
    this.card.paint(this.pictures);
    if (this.hovered >= 0) this.card.place(this.locatePoint(this.hovered), this.view.width, this.view.height);
    this.pictures.want(this.pictured.map((position) => this.layout.itemAt(position)));
    if (this.motion) this.invalidate();
  }

  drawPoints() {
    if (this.outline) {
      this.draft = this.findInside(this.outline);
      this.points.send("chosen", this.draft.mask);
      this.showStatus(this.draft);
    }
    const { width, height, zoom } = this.view;
    // Fewer points are larger, and all grow as one comes closer; where they lie thick they let others shine through.
    const room = Math.sqrt((width * height) / this.layout.n);
    const diameter = Math.min(13, Math.max(2.2, Math.min(9, 0.9 * room)) * Math.max(1, zoom) ** 0.3);
    const opacity = Math.min(0.9, 0.5 + 0.04 * (room - 3) + 0.1 * Math.log2(Math.max(1, zoom)));
    const anyChosen = Boolean(this.draft ?? this.choice);
    this.points.draw(this.view, { share: this.share, diameter, opacity, anyChosen });
    this.findPictured();
  }

  /** Where few enough points are seen, they are drawn as garments. */
  findPictured() {
    const { width, height } = this.view;
    const most = Math.min(MOST_GARMENTS, (width * height) / GARMENT_ROOM);
    const found = [];
    if (this.share === 1)
      this.layout.index.visitBox(...this.view.bounds(TILES[0] / 2), (position) => {
        if (this.counts(position)) found.push(position);
        return found.length <= most;
      });
    this.pictured = found.length <= most ? found : [];
    this.tile = Math.min(TILES[1], Math.max(TILES[0], 0.6 * Math.sqrt((width * height) / Math.max(1, found.length))));
    this.root.dataset.pictures = this.pictured.length;
  }

  // --- Moving ---

  /** Go to a view within some time; with `glides` the points go to their places meanwhile. */
  travel(to, duration, glides = false) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) duration = 0;
    if (!glides && this.share < 1) return;
    this.motion = { from: this.view.place, to, duration, start: null };
    this.invalidate();
  }

  step(now) {
    if (!this.motion) return;
    const { from, to, duration } = this.motion;
    this.motion.start ??= now;
    const passed = duration ? Math.min(1, (now - this.motion.start) / duration) : 1;
    const eased = passed < 0.5 ? 4 * passed ** 3 : 1 - (2 - 2 * passed) ** 3 / 2;
    if (to) this.view.between(from, to, eased);
    if (this.share < 1) this.share = eased;
    this.stale = true;
    if (passed === 1) {
      this.motion = null;
      this.root.dataset.state = "ready";
      if (this.pointer) this.hover(...this.pointer);
    }
  }

  pan(right, down) {
    this.look(() => this.view.pan(right, down));
  }

  enlarge(factor, left, top) {
    this.look(() => this.view.enlarge(factor, left, top));
  }

  look(move) {
    // Who moves the view has it; points on their way go on.
    if (this.motion && this.share < 1) this.motion.to = null;
    else this.motion = null;
    move();
    if (this.pointer) this.hover(...this.pointer);
    this.invalidate();
  }

  larger() {
    this.travel(this.view.closer(1.8), GLANCE_MS);
  }

  smaller() {
    this.travel(this.view.closer(1 / 1.8), GLANCE_MS);
  }

  fit() {
    this.travel(this.view.fitting, GLANCE_MS);
  }

  // --- Finding ---

  /** Where a point is now, in the plane. */
  findPlace(position) {
    const [origins, places] = [this.points.sent.origins, this.layout.places];
    return [0, 1].map((axis) => {
      const [from, to] = [origins[2 * position + axis], places[2 * position + axis]];
      return from === NOWHERE || this.share === 1 ? to : from + (to - from) * this.share;
    });
  }

  /** Where a point is on the stage. */
  locatePoint(position) {
    return this.view.toScreen(...this.findPlace(position));
  }

  /** Where an item is in the window, or null. */
  locate(item) {
    const position = this.layout?.find(item) ?? -1;
    if (position < 0) return null;
    const box = this.find(".stage").getBoundingClientRect();
    const [left, top] = this.locatePoint(position);
    return { x: box.left + this.find(".stage").clientLeft + left, y: box.top + this.find(".stage").clientTop + top };
  }

  findAt(left, top, reach) {
    if (!this.layout || this.share < 1) return -1;
    const radius = this.pictured.length ? Math.max(reach, 0.7 * this.tile) : reach;
    return this.layout.index.findNearest(...this.view.toPlane(left, top), radius / this.view.scale, this.counts);
  }

  hover(left, top) {
    this.pointer = [left, top];
    this.aiming = false;
    this.setHovered(this.findAt(left, top, REACH));
  }

  leave() {
    this.pointer = null;
    this.aiming = false;
    this.setHovered(-1);
  }

  /** For those who use keys: the point nearest to the middle. */
  aim() {
    const { width, height } = this.view;
    this.pointer = null;
    this.aiming = true;
    this.setHovered(this.findAt(width / 2, height / 2, AIM_REACH));
  }

  setHovered(position) {
    this.find(".marks").classList.toggle("pointing", position >= 0);
    this.invalidate(false);
    if (position === this.hovered) return;
    this.hovered = position;
    if (position < 0) {
      this.card.show(null);
      return;
    }
    const { layout } = this;
    const category = this.categories[this.codes[position]];
    const className = this.classNames[layout.labels[position]];
    const item = layout.itemAt(position);
    this.card.show({ item, className, category, title: this.title, byClass: this.byClass });
    if (!this.pictures.has(item)) this.pictures.want(this.findNeighborhood(position));
  }

  /** The items that the pointer may well be on next, the one that it is on first. */
  findNeighborhood(position) {
    const [x, y] = this.findPlace(position);
    const around = this.layout.index.findAround(x, y, AROUND, REACH / this.view.scale, this.counts);
    return [position, ...around.filter((other) => other !== position)].map((other) => this.layout.itemAt(other));
  }

  tap(left, top, pointerType) {
    const reach = { touch: TOUCH_REACH, keyboard: AIM_REACH }[pointerType] ?? REACH;
    const position = this.findAt(left, top, reach);
    if (pointerType === "touch") this.setHovered(position);
    this.pin(position < 0 ? null : this.layout.itemAt(position));
  }
}
