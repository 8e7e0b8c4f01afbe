// Pictures side by side, each with lines of text below it; a click or an arrow key picks one.
// data: { label, columns, smallest, pickable, picked, tiles: [{ pictures: [address], lines: [text], title }] }
// Tiles are counted from 1.

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".lab-tiles");
  const state = (root.state ??= { sent: [] });
  state.tell = (number) => {
    state.sent.push(number);
    setTriggerValue("picked", number);
  };
  root.style.setProperty("--columns", data.columns);
  root.style.setProperty("--smallest", `${data.smallest}px`);
  root.setAttribute("aria-label", data.label);
  root.setAttribute("role", data.pickable ? "listbox" : "list");
  while (root.children.length > data.tiles.length) root.lastChild.remove();
  while (root.children.length < data.tiles.length) root.append(document.createElement("div"));
  data.tiles.forEach((tile, position) => fill(root.children[position], tile, data.pickable));
  root.onclick = data.pickable ? (event) => choose(root, event.target.closest(".tile")) : null;
  root.onkeydown = data.pickable ? (event) => walk(root, event) : null;
  // What Python says is picked may be the echo of an earlier choice: nothing is news while one is under way.
  state.sent.splice(0, state.sent.indexOf(data.picked) + 1);
  if (data.pickable && !state.sent.length) mark(root, data.picked);
}

// Only what differs is touched: a picture that is given its own address again would flicker.
function fill(element, tile, pickable) {
  element.className = "tile";
  element.title = tile.title;
  element.setAttribute("role", pickable ? "option" : "listitem");
  element.setAttribute("aria-label", tile.title);
  match(element, "img", tile.pictures, () => document.createElement("img"), (image, address) => {
    image.alt = "";
    if (image.src !== address) image.src = address;
  });
  match(element, ".line", tile.lines, makeLine, (line, text) => (line.textContent = text));
}

function match(element, selector, values, make, set) {
  const found = [...element.querySelectorAll(selector)];
  found.slice(values.length).forEach((extra) => extra.remove());
  values.forEach((value, position) => {
    if (!found[position]) element.append((found[position] = make()));
    set(found[position], value);
  });
}

function makeLine() {
  const line = document.createElement("div");
  line.className = "line";
  line.setAttribute("aria-hidden", "true");
  return line;
}

function walk(root, event) {
  const across = getComputedStyle(root).gridTemplateColumns.split(" ").length;
  const position = [...root.children].indexOf(event.target.closest(".tile"));
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across };
  const places = { Home: 0, End: root.children.length - 1, " ": position, Enter: position };
  const target = root.children[places[event.key] ?? position + steps[event.key]];
  if (!target) return;
  event.preventDefault();
  choose(root, target);
  target.focus();
}

function choose(root, tile) {
  if (!tile || tile.getAttribute("aria-selected") === "true") return;
  const number = [...root.children].indexOf(tile) + 1;
  mark(root, number);
  root.state.tell(number);
}

function mark(root, number) {
  const chosen = root.children[number - 1];
  for (const tile of root.children) {
    tile.setAttribute("aria-selected", tile === chosen);
    tile.tabIndex = tile === (chosen ?? root.firstChild) ? 0 : -1;
  }
}
