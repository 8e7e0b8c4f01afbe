// The categories below the map: a click hides one or shows it again, "only" or a double click hides all others.

class Legend {
  /** @param changed called with the codes that are hidden now. */
  constructor(root, changed) {
    this.root = root;
    this.changed = changed;
    this.hidden = new Set();
    this.categories = [];
  }

  show(title, categories) {
    this.categories = categories;
    this.root.setAttribute("aria-label", `${title}: what is shown`);
    const all = makeButton("all", "Show all", () => this.hide([]));
    this.root.replaceChildren(...categories.map((category, code) => this.makeChip(category, code)), all);
    this.update();
  }

  makeChip({ title, color, count }, code) {
    const chip = document.createElement("span");
    chip.className = "chip";
    chip.classList.toggle("none", count === 0);
    chip.style.setProperty("--color", color);
    const toggle = makeButton("toggle", title, () => this.toggle(code));
    toggle.ondblclick = () => this.isolate(code);
    const number = document.createElement("span");
    number.className = "count";
    number.textContent = count.toLocaleString("en");
    const only = makeButton("only", "only", () => this.isolate(code));
    only.setAttribute("aria-label", `Only ${title}`);
    chip.append(toggle, number, only);
    return chip;
  }

  toggle(code) {
    const hidden = new Set(this.hidden);
    if (!hidden.delete(code)) hidden.add(code);
    this.hide([...hidden]);
  }

  /** Show one category alone; once more, and all are back. */
  isolate(code) {
    const others = this.categories.map((_, other) => other).filter((other) => other !== code);
    const isAlone = !this.hidden.has(code) && others.every((other) => this.hidden.has(other));
    this.hide(isAlone ? [] : others);
  }

  hide(codes) {
    this.set(codes);
    this.changed([...this.hidden].sort((a, b) => a - b));
  }

  set(codes) {
    this.hidden = new Set(codes);
    this.update();
  }

  update() {
    this.root.querySelectorAll(".toggle").forEach((toggle, code) => {
      toggle.setAttribute("aria-pressed", !this.hidden.has(code));
    });
    // Its room is kept, so that nothing moves when it comes.
    const all = this.root.querySelector(".all");
    if (all) all.style.visibility = this.hidden.size ? "visible" : "hidden";
  }
}

function makeButton(name, text, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = name;
  button.textContent = text;
  button.onclick = act;
  return button;
}
