// What hands do on the map: mouse, pen, fingers and keys. Says what is meant; the map does it.

const SLOP = { mouse: 3, pen: 5, touch: 9 }; // pixels that a click may wander
const OUTLINE_STEP = 3; // pixels between the corners of a lasso
const KEY_STEP = 60; // pixels that an arrow key moves the map
const KEY_FACTOR = 1.5;

class Gestures {
  constructor(surface, map) {
    this.surface = surface;
    this.map = map;
    this.pointers = new Map();
    this.drag = null;
    const listen = (kind, handle, options) => surface.addEventListener(kind, handle, options);
    listen("pointerdown", (event) => this.press(event));
    listen("pointermove", (event) => this.move(event));
    listen("pointerup", (event) => this.release(event));
    listen("pointercancel", (event) => this.cancel(event));
    listen("pointerleave", (event) => event.pointerType !== "touch" && !this.drag && map.leave());
    listen("dblclick", () => map.fit());
    listen("wheel", (event) => this.roll(event), { passive: false });
    listen("keydown", (event) => this.type(event));
  }

  locate(event) {
    const box = this.surface.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  press(event) {
    if (event.button !== 0 || !this.map.layout) return;
    this.surface.setPointerCapture(event.pointerId);
    const place = this.locate(event);
    this.pointers.set(event.pointerId, place);
    if (this.pointers.size === 1) {
      const tool = event.shiftKey ? "lasso" : this.map.tool;
      const corner = this.map.view.toPlane(...place);
      this.drag = { tool, start: place, last: place, corner, outline: [...corner], moved: false };
    } else {
      // A second finger: whatever the first one was about, this is pinching.
      if (this.drag) this.map.sketch(null);
      this.drag = { tool: "pinch", moved: true, ...this.measurePinch() };
    }
  }

  move(event) {
    const place = this.locate(event);
    if (!this.pointers.has(event.pointerId)) {
      if (event.pointerType !== "touch") this.map.hover(...place);
      return;
    }
    this.pointers.set(event.pointerId, place);
    if (!this.drag) return;
    if (this.drag.tool === "pinch") this.pinch();
    else this.pull(place, SLOP[event.pointerType] ?? SLOP.mouse);
  }

  pull(place, slop) {
    const { drag, map } = this;
    if (!drag.moved && Math.hypot(place[0] - drag.start[0], place[1] - drag.start[1]) <= slop) return;
    // The card of the point where it began would only be in the way.
    if (!drag.moved) map.leave();
    drag.moved = true;
    const [x, y] = map.view.toPlane(...place);
    if (drag.tool === "move") {
      map.pan(place[0] - drag.last[0], place[1] - drag.last[1]);
    } else if (drag.tool === "box") {
      const [x0, y0] = drag.corner;
      drag.outline = [x0, y0, x, y0, x, y, x0, y];
      map.sketch(drag.outline);
    } else {
      if (Math.hypot(place[0] - drag.last[0], place[1] - drag.last[1]) < OUTLINE_STEP) return;
      drag.outline.push(x, y);
      map.sketch(drag.outline);
    }
    drag.last = place;
  }

  measurePinch() {
    const [[x0, y0], [x1, y1]] = this.pointers.values();
    return { distance: Math.max(1, Math.hypot(x1 - x0, y1 - y0)), middle: [(x0 + x1) / 2, (y0 + y1) / 2] };
  }

  pinch() {
    if (this.pointers.size < 2) return;
    const { distance, middle } = this.measurePinch();
    const { drag, map } = this;
    map.pan(middle[0] - drag.middle[0], middle[1] - drag.middle[1]);
    map.enlarge(distance / drag.distance, ...middle);
    Object.assign(drag, { distance, middle });
  }

  release(event) {
    if (!this.pointers.delete(event.pointerId) || !this.drag) return;
    const { drag, map } = this;
    if (this.pointers.size) {
      // One finger of two is left: it goes on moving the map from where it is.
      const [place] = this.pointers.values();
      this.drag = { tool: "move", start: place, last: place, moved: true };
      return;
    }
    this.drag = null;
    if (!drag.moved) map.tap(...drag.start, event.pointerType);
    else if (drag.tool === "box" || drag.tool === "lasso") map.choose(drag.outline);
  }

  cancel(event) {
    this.pointers.delete(event.pointerId);
    this.abandon();
  }

  /** Let go of an outline that is being drawn, and tell whether there was one. */
  abandon() {
    const { drag } = this;
    this.drag = null;
    this.map.sketch(null);
    return Boolean(drag && drag.moved && drag.tool !== "move");
  }

  roll(event) {
    event.preventDefault();
    const pixels = event.deltaY * [1, 16, 400][event.deltaMode];
    // Trackpads send a pinch as small steps with the control key.
    const factor = Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.0016));
    this.map.enlarge(Math.min(3, Math.max(1 / 3, factor)), ...this.locate(event));
  }

  type(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { map } = this;
    const act = {
      ArrowLeft: () => map.pan(KEY_STEP, 0),
      ArrowRight: () => map.pan(-KEY_STEP, 0),
      ArrowUp: () => map.pan(0, KEY_STEP),
      ArrowDown: () => map.pan(0, -KEY_STEP),
      "+": () => map.enlarge(KEY_FACTOR),
      "=": () => map.enlarge(KEY_FACTOR),
      "-": () => map.enlarge(1 / KEY_FACTOR),
      0: () => map.fit(),
      Enter: () => map.tap(map.view.width / 2, map.view.height / 2, "keyboard"),
      Escape: () => this.abandon() || map.clear(),
    }[event.key];
    if (!act || !map.layout) return;
    event.preventDefault();
    act();
    if (event.key !== "Escape") map.aim();
  }
}
