// The card beside the point under the pointer: its picture, what it is and where it is from.

const TRAIN_ITEMS = 60000;
const AWAY = 16; // pixels between the point and its card

class Card {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.context = this.find(".picture").getContext("2d");
    this.item = null;
    this.pictured = null;
  }

  /** @param about { item, className, category: { title, color }, title: of the colours, byClass }, or null for no card. */
  show(about) {
    this.item = about?.item ?? null;
    this.root.classList.toggle("shown", Boolean(about));
    if (!about) return;
    const { item, className, category, title, byClass } = about;
    this.root.dataset.item = item;
    this.root.classList.toggle("by-class", byClass);
    this.root.style.setProperty("--color", category.color);
    this.find(".name").textContent = className;
    const [part, number] = item < TRAIN_ITEMS ? ["Train", item] : ["Test", item - TRAIN_ITEMS];
    this.find(".number").textContent = `${part} item ${number.toLocaleString("en")}`;
    this.find(".category").textContent = byClass ? "" : `${title}: ${category.title}`;
  }

  /** Draw the picture as soon as it is here; an earlier item's is never left standing. */
  paint(pictures) {
    if (this.item === this.pictured) return;
    this.context.clearRect(0, 0, EDGE, EDGE);
    const isHere = this.item !== null && pictures.draw(this.context, this.item, 0, 0, EDGE);
    this.pictured = isHere ? this.item : null;
    this.root.dataset.pictured = this.pictured ?? "";
  }

  place([x, y], width, height) {
    const { offsetWidth, offsetHeight } = this.root;
    const left = x + AWAY + offsetWidth < width ? x + AWAY : x - AWAY - offsetWidth;
    const top = y + AWAY + offsetHeight < height ? y + AWAY : y - AWAY - offsetHeight;
    const keep = (start, size, room) => Math.round(Math.max(4, Math.min(start, room - size - 4)));
    this.root.style.transform = `translate(${keep(left, offsetWidth, width)}px, ${keep(top, offsetHeight, height)}px)`;
  }
}
