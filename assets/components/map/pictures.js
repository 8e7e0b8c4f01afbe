// The pictures of garments, fetched many at once and kept side by side on one sheet; the longest unused make room.

const EDGE = 28;
const SHEET_SIDE = 64; // pictures along each side of the sheet
const MOST_AT_ONCE = 200;
const MOST_REQUESTS = 2;
const PAUSE_MS = 2000; // after a failure

class Pictures {
  /** @param arrived called when pictures have come. */
  constructor(arrived) {
    this.arrived = arrived;
    this.sheet = document.createElement("canvas");
    this.sheet.width = this.sheet.height = EDGE * SHEET_SIDE;
    this.context = this.sheet.getContext("2d");
    this.slots = new Map(); // item -> slot, the longest unused first
    this.asked = new Set();
    this.requests = 0;
    this.wish = null;
    this.pausedUntil = 0;
  }

  has(item) {
    return this.slots.has(item);
  }

  /** Draw an item's picture if it is here, and tell whether it is. */
  draw(context, item, left, top, side) {
    const slot = this.slots.get(item);
    if (slot === undefined) return false;
    this.slots.delete(item);
    this.slots.set(item, slot);
    const [x, y] = locateSlot(slot);
    context.drawImage(this.sheet, x, y, EDGE, EDGE, left, top, side, side);
    return true;
  }

  /** Ask for those of some items that are not here, the first ones first. A later wish replaces one that waits. */
  want(items) {
    const missing = items.filter((item) => !this.slots.has(item) && !this.asked.has(item)).slice(0, MOST_AT_ONCE);
    if (!missing.length || performance.now() < this.pausedUntil) return;
    if (this.requests >= MOST_REQUESTS) this.wish = items;
    else this.request(missing);
  }

  async request(items) {
    this.requests++;
    items.forEach((item) => this.asked.add(item));
    try {
      const answer = await fetch(new URL(`lab/garments?items=${items}`, document.baseURI));
      if (!answer.ok) throw new Error(answer.status);
      this.keep(items, await createImageBitmap(await answer.blob()));
    } catch {
      this.pausedUntil = performance.now() + PAUSE_MS;
    }
    this.requests--;
    items.forEach((item) => this.asked.delete(item));
    const { wish } = this;
    this.wish = null;
    if (wish) this.want(wish);
    this.arrived();
  }

  /** Cut up what the server sent: as many columns as the square root of the number, rounded up. */
  keep(items, sprite) {
    const columns = Math.ceil(Math.sqrt(items.length));
    items.forEach((item, i) => {
      const slot = this.takeSlot();
      const [x, y] = locateSlot(slot);
      const [left, top] = [EDGE * (i % columns), EDGE * Math.floor(i / columns)];
      this.context.drawImage(sprite, left, top, EDGE, EDGE, x, y, EDGE, EDGE);
      this.slots.set(item, slot);
    });
    sprite.close();
  }

  takeSlot() {
    if (this.slots.size < SHEET_SIDE * SHEET_SIDE) return this.slots.size;
    const [item, slot] = this.slots.entries().next().value;
    this.slots.delete(item);
    return slot;
  }
}

function locateSlot(slot) {
  return [EDGE * (slot % SHEET_SIDE), EDGE * Math.floor(slot / SHEET_SIDE)];
}
