// Which part of the plane is seen, and how large. Screen coordinates are CSS pixels from the stage's upper left.

const MARGIN = 22; // around the whole, in CSS pixels
const LARGEST_ZOOM = 600;

class View {
  constructor() {
    Object.assign(this, { width: 1, height: 1, extent: [1, 1], x: 0, y: 0, scale: 1 });
  }

  /** Pixels to one unit of the plane when everything is seen. */
  get fittingScale() {
    const sides = [this.width, this.height].map((side) => Math.max(40, side - 2 * MARGIN));
    return Math.min(...sides.map((side, axis) => side / Math.max(1e-6, this.extent[axis])));
  }

  get zoom() {
    return this.scale / this.fittingScale;
  }

  get fitting() {
    return { x: 0, y: 0, scale: this.fittingScale };
  }

  /** The same part of the plane is seen in a stage of another size. */
  resize(width, height) {
    const { zoom } = this;
    Object.assign(this, { width, height });
    this.scale = zoom * this.fittingScale;
  }

  toScreen(x, y) {
    return [(x - this.x) * this.scale + this.width / 2, (this.y - y) * this.scale + this.height / 2];
  }

  toPlane(left, top) {
    return [(left - this.width / 2) / this.scale + this.x, (this.height / 2 - top) / this.scale + this.y];
  }

  /** The corners of what is seen, with a margin in pixels: left, bottom, right, top. */
  bounds(margin = 0) {
    return [...this.toPlane(-margin, this.height + margin), ...this.toPlane(this.width + margin, -margin)];
  }

  pan(right, down) {
    this.x -= right / this.scale;
    this.y += down / this.scale;
    this.keepInSight();
  }

  /** Enlarge by a factor; what lies at (left, top) on the screen stays there. */
  enlarge(factor, left = this.width / 2, top = this.height / 2) {
    const [x, y] = this.toPlane(left, top);
    this.scale = Math.min(LARGEST_ZOOM, Math.max(0.5, this.zoom * factor)) * this.fittingScale;
    const [newX, newY] = this.toPlane(left, top);
    this.x += x - newX;
    this.y += y - newY;
    this.keepInSight();
  }

  /** The view that `enlarge` would lead to. */
  closer(factor) {
    const before = this.place;
    this.enlarge(factor);
    const after = this.place;
    Object.assign(this, before);
    return after;
  }

  keepInSight() {
    [this.x, this.y] = [this.x, this.y].map((centre, axis) => {
      const most = this.extent[axis] / 2;
      return Math.min(most, Math.max(-most, centre));
    });
  }

  /** Stand between two views: 0 at the first, 1 at the second. */
  between(from, to, share) {
    this.scale = from.scale * (to.scale / from.scale) ** share;
    this.x = from.x + (to.x - from.x) * share;
    this.y = from.y + (to.y - from.y) * share;
  }

  get place() {
    return { x: this.x, y: this.y, scale: this.scale };
  }
}
