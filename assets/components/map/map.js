// The map of all garments. Python sends 4 bytes with a JSON header's length (little endian), the header, and a
// code for each point, the position of its category. Positions and pictures are fetched by their addresses.
// Header: { url, label, title, categories: [{ title, color, count }], classNames, colors: a checksum,
//           pinned, marked, hidden, version: of the selection }
// Tells: pinned (item or null), selected ({ url, version, bits, count } or null), hidden (codes), unsupported.

const GLIDE_MS = 1000;
const HIDING_MS = 250; // so that a double click is told once

// What was selected and where somebody looked, for when they come back from another page: { address, version,
// layout, choice, place }. Python remembers the selection too.
let remembered = null;

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".lab-map");
  // Runs at every rerun of the page while the elements stay, so the map lives on its element.
  root.map ??= new GarmentMap(root);
  root.map.tell = setStateValue;
  root.map.receive(data);
  return () => root.map.close();
}

class GarmentMap extends Stage {
  constructor(root) {
    super(root);
    this.pinning = new Shared();
    this.hiding = new Shared();
    this.legend = new Legend(this.find(".legend"), (codes) => this.hide(codes));
    for (const button of root.querySelectorAll("[data-tool]"))
      button.addEventListener("click", () => this.take(button.dataset.tool));
    for (const button of root.querySelectorAll("[data-action]"))
      button.addEventListener("click", () => this[button.dataset.action]());
    this.take("move");
  }

  take(tool) {
    this.tool = this.root.dataset.tool = tool;
    for (const button of this.root.querySelectorAll("[data-tool]"))
      button.setAttribute("aria-pressed", button.dataset.tool === tool);
  }

  // --- What Python says ---

  receive(data) {
    if (!this.points.gl) {
      if (this.root.dataset.state !== "unsupported") this.tell("unsupported", true);
      this.root.dataset.state = "unsupported";
      return;
    }
    const length = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + length)));
    const keys = "Arrow keys move the map, plus and minus zoom, 0 shows everything, Enter pins what is in the middle.";
    this.find(".marks").setAttribute("aria-label", `${header.label}. ${keys}`);
    this.wanted = { header, codes: data.slice(4 + length) };
    this.marked = header.marked;
    if (this.pinning.isNews(header.pinned)) this.setPinned(header.pinned);
    if (this.hiding.isNews(header.hidden)) this.legend.set(header.hidden);
    if (this.version === undefined && remembered?.version === header.version) this.returned = remembered;
    else if (this.version !== header.version) this.setChoice(null);
    this.version = header.version;
    if (this.address !== header.url) this.load();
    else if (this.layout && this.root.dataset.state !== "loading") this.recolor();
    this.invalidate();
  }

  async load() {
    const { url } = this.wanted.header;
    this.address = url;
    this.root.dataset.state = "loading";
    // Its room is taken before the points come.
    if (!this.layout) this.showLegend();
    try {
      const layout = await fetchLayout(url);
      if (this.address !== url) return;
      if (this.wanted.codes.length !== layout.n) throw new Error("Its colours belong to another projection.");
      this.arrange(layout);
    } catch (error) {
      if (this.address !== url) return;
      this.find(".failure p").textContent = `The map could not be loaded. ${error.message}`;
      this.root.dataset.state = "failed";
    }
  }

  retry() {
    this.load();
  }

  /** Put the points where a layout has them; those that are seen already glide there. */
  arrange(layout) {
    const { layout: before, returned } = this;
    const choice = this.choice ?? returned?.choice;
    this.leave();
    this.points.send("origins", before ? this.findOrigins(layout) : layout.places);
    this.points.send("places", layout.places);
    this.layout = layout;
    this.view.extent = layout.extent;
    this.setChoice(choice ? choice.carry(before ?? returned.layout, layout) : null);
    this.colors = null;
    this.recolor();
    Object.assign(this.root.dataset, { url: this.address, points: layout.n });
    this.root.dataset.state = before ? "gliding" : "ready";
    const isSameMap = returned?.address === this.address;
    if (before) this.travel(this.view.fitting, GLIDE_MS, true);
    else Object.assign(this.view, isSameMap ? returned.place : this.view.fitting);
    this.share = before ? 0 : 1;
    this.returned = null;
    if (choice && !isSameMap) this.tellChoice();
  }

  close() {
    if (this.layout) {
      const { address, version, layout, choice, view } = this;
      remembered = { address, version, layout, choice, place: view.place };
    }
    this.points.release();
  }

  findOrigins(layout) {
    const origins = new Float32Array(2 * layout.n).fill(NOWHERE);
    for (let i = 0; i < layout.n; i++) {
      const position = this.layout.find(layout.itemAt(i));
      if (position >= 0) origins.set(this.findPlace(position), 2 * i);
    }
    return origins;
  }

  recolor() {
    const { header, codes } = this.wanted;
    if (this.colors !== header.colors) {
      const { title, categories, classNames, colors } = header;
      Object.assign(this, { title, categories, classNames, colors, codes });
      this.byClass =
        classNames.every((name, code) => categories[code]?.title === name) &&
        codes.every((code, position) => code === this.layout.labels[position]);
      this.points.send("codes", codes);
      this.showLegend();
    }
    this.show([...this.legend.hidden]);
  }

  showLegend() {
    const { title, categories } = this.wanted.header;
    this.legend.show(title, categories);
  }

  // --- What is hidden and pinned ---

  hide(codes) {
    this.show(codes);
    this.hiding.tell(codes);
    clearTimeout(this.hidingTimer);
    this.hidingTimer = setTimeout(() => this.tell("hidden", codes), HIDING_MS);
  }

  /** Show all categories but those of some codes. */
  show(hidden) {
    this.hidden.fill(0);
    hidden.forEach((code) => (this.hidden[code] = 1));
    const palette = new Uint8Array(4 * 256);
    this.categories.forEach(({ color }, code) => {
      const [red, green, blue] = [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));
      palette.set([red, green, blue, this.hidden[code] ? 0 : 255], 4 * code);
    });
    this.points.send("palette", palette);
    this.root.dataset.hidden = hidden;
    if (this.hovered >= 0 && !this.counts(this.hovered)) this.leave();
    this.invalidate();
  }

  pin(item) {
    if (item === this.pinned) return;
    this.marked = [];
    this.setPinned(item);
    this.pinning.tell(item);
    this.tell("pinned", item);
  }

  setPinned(item) {
    this.pinned = item;
    this.root.dataset.pinned = item ?? "";
    this.invalidate(false);
  }

  // --- What is selected ---

  /** Show an outline while it is drawn, and what lies inside it; null when it is given up. */
  sketch(outline) {
    if (!outline && !this.outline) return;
    this.outline = outline;
    if (outline) this.invalidate();
    else this.setChoice(this.choice);
  }

  /** Select what lies inside an outline. */
  choose(outline) {
    const [inside, before] = [this.findInside(outline), this.choice];
    this.setChoice(inside.count ? inside : null);
    if (inside.count || before) this.tellChoice();
  }

  clear() {
    if (!this.choice) return;
    this.setChoice(null);
    this.tellChoice();
  }

  findInside(outline) {
    const choice = new Choice(this.layout.n);
    this.layout.index.visitOutline(outline, (position) => {
      if (this.counts(position)) choice.add(position);
    });
    return choice;
  }

  setChoice(choice) {
    Object.assign(this, { choice, draft: null, outline: null });
    this.root.dataset.selected = choice?.count ?? 0;
    if (this.layout) this.points.send("chosen", choice?.mask ?? new Uint8Array(this.layout.n));
    this.showStatus(choice);
    this.invalidate();
  }

  tellChoice() {
    const { choice, address: url, version } = this;
    this.tell("selected", choice && { url, version, bits: choice.encode(), count: choice.count });
  }

  isPale(position) {
    const standing = this.draft ?? this.choice;
    return Boolean(standing) && !standing.has(position);
  }

  showStatus(choice) {
    const status = this.find(".status");
    status.classList.toggle("shown", Boolean(choice));
    status.classList.toggle("chosen", Boolean(choice) && !this.draft);
    const count = choice?.count.toLocaleString("en");
    status.firstElementChild.textContent = choice ? `${count} ${this.draft ? "inside" : "selected"}` : "";
  }
}
