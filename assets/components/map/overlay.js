// What is drawn over the points: garments in their stead, rings, lines to neighbours, the outline of a selection.

const RING = 7; // radius around a point, in CSS pixels
const SMALL_RING = 5;

class Overlay {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
  }

  resize(width, height, ratio) {
    Object.assign(this.canvas, { width, height });
    this.ratio = ratio;
  }

  draw(map) {
    const { context, canvas, ratio } = this;
    const style = getComputedStyle(canvas);
    this.ink = style.color;
    this.paper = style.getPropertyValue("--st-background-color");
    this.accent = style.getPropertyValue("--st-primary-color");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, map.view.width, map.view.height);
    const pinned = map.layout.find(map.pinned);
    const neighbors = map.marked.map((item) => map.layout.find(item)).filter((position) => position >= 0);
    if (pinned >= 0) this.drawLines(map, pinned, neighbors);
    // The last ones lie on top.
    const tiled = this.drawGarments(map, [pinned, map.hovered]);
    const ring = (position, ...look) => {
      this.drawRing(map.locatePoint(position), tiled.has(position) ? map.tile / 2 + 2 : 0, ...look);
    };
    if (pinned >= 0) neighbors.forEach((position) => ring(position, SMALL_RING, 1.5, this.accent));
    if (pinned >= 0) ring(pinned, RING + 2, 3, this.accent);
    if (map.hovered >= 0 && map.hovered !== pinned) ring(map.hovered, RING, 2, this.ink);
    if (map.outline) this.drawOutline(map);
    if (map.aiming) this.drawAim(map);
  }

  /** Draw the garments that there is room for, and return the positions of those whose picture was here. */
  drawGarments(map, last) {
    const { context } = this;
    const drawn = new Set();
    const { tile, layout } = map;
    const [others, front] = [false, true].map((isLast) => map.pictured.filter((i) => last.includes(i) === isLast));
    for (const position of [...others, ...front]) {
      const item = layout.itemAt(position);
      if (!map.pictures.has(item)) continue;
      const [x, y] = map.locatePoint(position);
      const [left, top] = [Math.round(x - tile / 2), Math.round(y - tile / 2)];
      context.globalAlpha = map.isPale(position) ? 0.2 : 1;
      context.fillStyle = map.categories[map.codes[position]].color;
      context.beginPath();
      context.roundRect(left - 2, top - 2, tile + 4, tile + 4, 4);
      context.fill();
      map.pictures.draw(context, item, left, top, tile);
      drawn.add(position);
    }
    context.globalAlpha = 1;
    return drawn;
  }

  drawLines(map, pinned, neighbors) {
    const { context } = this;
    const centre = map.locatePoint(pinned);
    context.strokeStyle = this.accent;
    context.lineWidth = 1;
    context.globalAlpha = 0.7;
    context.beginPath();
    for (const position of neighbors) {
      context.moveTo(...centre);
      context.lineTo(...map.locatePoint(position));
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  /** A ring around a point, or a frame around a garment, with a rim that sets it off from any ground. */
  drawRing([x, y], half, radius, width, color) {
    const { context } = this;
    for (const [stroke, thickness] of [[this.paper, width + 2], [color, width]]) {
      context.strokeStyle = stroke;
      context.lineWidth = thickness;
      context.beginPath();
      if (half) context.roundRect(x - half, y - half, 2 * half, 2 * half, 4);
      else context.arc(x, y, radius, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  drawOutline({ outline, view }) {
    const { context } = this;
    context.beginPath();
    for (let i = 0; i < outline.length; i += 2) context.lineTo(...view.toScreen(outline[i], outline[i + 1]));
    context.closePath();
    context.globalAlpha = 0.08;
    context.fillStyle = this.ink;
    context.fill("evenodd");
    context.globalAlpha = 1;
    context.strokeStyle = this.ink;
    context.lineWidth = 1.5;
    context.setLineDash([5, 4]);
    context.stroke();
    context.setLineDash([]);
  }

  /** A cross in the middle: what Enter would pin. */
  drawAim({ view: { width, height } }) {
    const { context } = this;
    context.strokeStyle = this.ink;
    context.lineWidth = 1;
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(width / 2 + 10 * dx, height / 2 + 10 * dy);
      context.lineTo(width / 2 + 18 * dx, height / 2 + 18 * dy);
    }
    context.stroke();
  }
}
