// A grid of items, cut from one sprite. Python sends a JSON header and a PNG in one packet:
// 4 bytes with the header's length (little endian), the header, the picture.
// Header: { version, picked, columns, spriteColumns, spriteRows, pickable, label,
//           classes: [{ name, color }], items, labels, titles, captions: one of each for every tile, captionsFit }

// A tile narrower than this, in CSS pixels, has no room for its caption.
const CAPTION_WIDTH = 66;

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".lab-grid");
  const { header, picture } = unpack(data);
  const state = (root.state ??= { version: null, picked: null, sent: [], highlighted: null, sprite: null });
  state.tell = (item) => {
    state.sent.push(item);
    setStateValue("picked", item);
  };
  if (state.version === header.version) {
    adopt(root, state, header.picked);
    return;
  }
  state.version = header.version;
  const sprite = new Image();
  sprite.src = URL.createObjectURL(new Blob([picture], { type: "image/png" }));
  // Only a decoded sprite is shown, and all of it at once: turning a page does not flicker.
  sprite.decode().then(() => {
    if (state.version !== header.version) return URL.revokeObjectURL(sprite.src);
    if (state.sprite) URL.revokeObjectURL(state.sprite);
    state.sprite = sprite.src;
    build(root, state, header);
  });
}

function unpack(data) {
  const length = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + length)));
  return { header, picture: data.subarray(4 + length) };
}

function build(root, state, header) {
  const tiles = root.querySelector(".tiles");
  root.classList.toggle("pickable", header.pickable);
  root.style.setProperty("--columns", header.columns);
  root.style.setProperty("--sprite", `url(${state.sprite})`);
  root.style.setProperty("--sprite-size", `${100 * header.spriteColumns}% ${100 * header.spriteRows}%`);
  tiles.setAttribute("aria-label", header.label);
  tiles.setAttribute("role", header.pickable ? "listbox" : "list");
  while (tiles.children.length > header.items.length) tiles.lastChild.remove();
  while (tiles.children.length < header.items.length) tiles.append(makeTile());
  header.items.forEach((_, position) => fillTile(tiles.children[position], header, position));

  fillLegend(root, state, header);
  listen(root, state);
  state.captionsFit = header.captionsFit;
  state.watch ??= new ResizeObserver(() => {
    root.classList.toggle("captioned", state.captionsFit || tiles.firstChild.offsetWidth >= CAPTION_WIDTH);
  });
  state.watch.observe(tiles.firstChild);
  state.sent = [];
  mark(root, state, header.picked);
  // Not scrollIntoView, which would move the page as well.
  const chosen = tiles.querySelector("[aria-selected=true]");
  tiles.scrollTop = chosen && chosen.offsetTop > tiles.clientHeight / 2 ? chosen.offsetTop - tiles.clientHeight / 2 : 0;
}

function makeTile() {
  const tile = document.createElement("div");
  tile.className = "tile";
  tile.innerHTML = '<div class="thumbnail"></div><div class="caption" aria-hidden="true"></div>';
  return tile;
}

function fillTile(tile, header, position) {
  const column = position % header.spriteColumns;
  const row = Math.floor(position / header.spriteColumns);
  const share = (place, places) => `${(100 * place) / Math.max(1, places - 1)}%`;
  const [thumbnail, caption] = tile.children;
  thumbnail.style.backgroundPosition = `${share(column, header.spriteColumns)} ${share(row, header.spriteRows)}`;
  caption.textContent = header.captions[position];
  tile.item = header.items[position];
  tile.label = header.labels[position];
  tile.title = header.titles[position];
  tile.style.setProperty("--color", header.classes[tile.label].color);
  tile.setAttribute("aria-label", header.titles[position]);
  tile.setAttribute("role", header.pickable ? "option" : "listitem");
  if (header.pickable) {
    tile.setAttribute("aria-selected", "false");
    tile.tabIndex = -1;
  }
}

function fillLegend(root, state, header) {
  const present = [...new Set(header.labels)].sort((a, b) => a - b);
  const shown = header.pickable && present.length > 1 ? present : [];
  if (!shown.includes(state.highlighted)) state.highlighted = null;
  root.querySelector(".legend").replaceChildren(...shown.map((label) => makeChip(root, state, header, label)));
  highlight(root, state);
}

function makeChip(root, state, header, label) {
  const chip = document.createElement("button");
  chip.className = "chip";
  chip.label = label;
  chip.textContent = header.classes[label].name;
  chip.style.setProperty("--color", header.classes[label].color);
  chip.onclick = () => {
    state.highlighted = state.highlighted === label ? null : label;
    highlight(root, state);
  };
  return chip;
}

function highlight(root, { highlighted }) {
  for (const chip of root.querySelectorAll(".chip")) {
    chip.setAttribute("aria-pressed", chip.label === highlighted);
  }
  for (const tile of root.querySelectorAll(".tile")) {
    tile.classList.toggle("dimmed", highlighted !== null && tile.label !== highlighted);
  }
}

function listen(root, state) {
  const tiles = root.querySelector(".tiles");
  const pickable = root.classList.contains("pickable");
  tiles.onclick = !pickable ? null : (event) => choose(root, state, event.target.closest(".tile"));
  tiles.onkeydown = !pickable ? null : (event) => {
    const target = tiles.children[findTarget(tiles, event)];
    if (!target) return;
    event.preventDefault();
    choose(root, state, target);
    target.focus();
  };
}

function findTarget(tiles, { key, target }) {
  const across = getComputedStyle(tiles).gridTemplateColumns.split(" ").length;
  const position = [...tiles.children].indexOf(target.closest(".tile"));
  const last = tiles.children.length - 1;
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across };
  return { Home: 0, End: last, " ": position, Enter: position }[key] ?? position + steps[key];
}

function choose(root, state, tile) {
  if (!tile || tile.item === state.picked) return;
  mark(root, state, tile.item);
  state.tell(tile.item);
}

// What Python says is picked may be the echo of an earlier choice: nothing is news while one is under way.
function adopt(root, state, picked) {
  state.sent.splice(0, state.sent.indexOf(picked) + 1);
  if (!state.sent.length && picked !== state.picked) mark(root, state, picked);
}

function mark(root, state, picked) {
  state.picked = picked;
  if (!root.classList.contains("pickable")) return;
  const tiles = root.querySelector(".tiles");
  tiles.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
  tiles.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
  const chosen = [...tiles.children].find((tile) => tile.item === picked);
  chosen?.setAttribute("aria-selected", "true");
  (chosen ?? tiles.firstChild).setAttribute("tabindex", "0");
}
