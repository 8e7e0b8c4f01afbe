// A network as a strip of layers, each with small pictures of its channels; or, wrapped, one layer's as a sheet.
// Python sends one packet: header, then int8 pictures, −127 to 127, a layer after the other.
// Header: { version, label, wrap, what, classes, picked: { layer, channel } | null, layers: [{ name, head: [text],
//   title, slim, gray, cell, gap, rows, height, width, channels: [number], peaks: [value], total, shares: [number] |
//   null, strong: [class] }] }
// What is picked is sent as a trigger "picked": { layer, channel }.

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".lab-strip");
  const [header, bytes] = readPacket(data);
  const state = (root.state ??= { sent: [] });
  state.tell = (layer, channel) => {
    mark(root, { layer, channel });
    state.sent.push(`${layer} ${channel}`);
    setTriggerValue("picked", { layer, channel });
  };
  if (state.version !== header.version) {
    Object.assign(state, { version: header.version, header, picked: null, hovered: null });
    build(root, header, new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    listen(root);
    root.dataset.state = "ready";
  }
  // What Python says may be the echo of an earlier click while a later one is under way.
  const echo = header.picked ? `${header.picked.layer} ${header.picked.channel}` : "";
  state.sent.splice(0, state.sent.indexOf(echo) + 1);
  if (!state.sent.length) mark(root, header.picked);
  if (!state.scrolled) {
    state.scrolled = true;
    scrollTo(root, header.picked?.layer);
  }
}

function build(root, header, pixels) {
  const scroller = root.querySelector(".scroller");
  const before = scroller.scrollLeft;
  root.classList.toggle("wrap", header.wrap);
  scroller.setAttribute("aria-label", `${header.label}. Arrow keys walk, Enter opens.`);
  root.state.observer?.disconnect();
  root.state.observer = new IntersectionObserver(
    (entries) => entries.forEach((entry) => entry.isIntersecting && paint(root, entry.target.layer)),
    { root: null, rootMargin: "400px 1200px" },
  );
  let start = 0;
  root.state.layers = header.layers.map((layer, position) => {
    const made = { ...layer, position, pixels, start };
    start += layer.channels.length * layer.height * layer.width;
    made.element = makeLayer(root, made, header);
    return made;
  });
  const row = root.querySelector(".row");
  row.replaceChildren(...root.state.layers.map((layer) => layer.element));
  root.state.layers.forEach((layer) => arrange(root, layer));
  scroller.scrollLeft = before;
  for (const layer of root.state.layers) if (layer.maps) root.state.observer.observe(layer.maps);
}

function makeLayer(root, layer, header) {
  const block = makeElement("div", layer.slim ? "layer slim" : "layer");
  block.dataset.layer = layer.name;
  block.title = layer.slim ? layer.title : "";
  const head = makeElement("div", "head");
  head.title = layer.title;
  head.append(makeElement("b", "", layer.head[0]), ...layer.head.slice(1).map((text) => makeElement("span", "", text)));
  const body = makeElement("div", "body");
  if (layer.slim) {
    const button = makeElement("button", "", layer.head[0]);
    button.type = "button";
    button.tabIndex = -1;
    button.onclick = () => root.state.tell(layer.name, 0);
    body.append(button);
  } else if (layer.shares) {
    body.append(makeBars(root, layer, header.classes));
  } else {
    layer.maps = makeElement("div", "maps");
    layer.maps.layer = layer;
    layer.maps.append(document.createElement("canvas"));
    body.append(layer.maps);
  }
  block.append(head, body);
  const left = layer.total - layer.channels.length;
  if (left > 0 && !header.wrap) {
    const more = makeElement("button", "more", `+ ${left.toLocaleString("en")} more`);
    more.type = "button";
    more.tabIndex = -1;
    more.title = `Open this layer; all its ${header.what}s stand below`;
    more.onclick = () => root.state.tell(layer.name, layer.channels[0]);
    block.append(more);
  }
  return block;
}

function makeBars(root, layer, classes) {
  const bars = makeElement("div", "bars");
  layer.shares.forEach((share, index) => {
    const button = makeElement("button", layer.strong.includes(index) ? "strong" : "");
    const track = document.createElement("i");
    const bar = document.createElement("u");
    button.type = "button";
    button.tabIndex = -1;
    bar.style.width = `${100 * share}%`;
    bar.style.setProperty("--color", classes[index].color);
    track.append(bar);
    button.append(makeElement("span", "", classes[index].name), track, makeElement("em", "", percent(share)));
    button.onclick = () => root.state.tell(layer.name, index);
    bars.append(button);
  });
  return bars;
}

function percent(share) {
  return share > 0.9995 ? "≈ 100%" : share < 0.0005 ? "≈ 0%" : `${(100 * share).toFixed(1)}%`;
}

// Where the pictures of a layer stand: down the columns of a strip, along the rows of a sheet.
function arrange(root, layer) {
  if (!layer.maps) return;
  const step = layer.cell + layer.gap;
  const count = layer.channels.length;
  if (root.state.header.wrap) {
    const width = root.querySelector(".row").clientWidth - 8;
    layer.across = Math.max(1, Math.min(count, Math.floor((width + layer.gap) / step)));
    layer.down = Math.ceil(count / layer.across);
  } else {
    layer.down = Math.min(count, layer.rows);
    layer.across = Math.ceil(count / layer.down);
  }
  const [width, height] = [layer.across * step - layer.gap, layer.down * step - layer.gap];
  const canvas = layer.maps.querySelector("canvas");
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  layer.element.style.minWidth = root.state.header.wrap ? "" : "84px";
  layer.painted = false;
}

function placeOf(root, layer, index) {
  const step = layer.cell + layer.gap;
  const [row, column] = root.state.header.wrap
    ? [Math.floor(index / layer.across), index % layer.across]
    : [index % layer.down, Math.floor(index / layer.down)];
  return [column * step, row * step];
}

function paint(root, layer) {
  if (layer.painted) return;
  layer.painted = true;
  const canvas = layer.maps.querySelector("canvas");
  const context = canvas.getContext("2d");
  const scale = window.devicePixelRatio || 1;
  context.scale(scale, scale);
  context.imageSmoothingEnabled = false;
  layer.channels.forEach((_, index) => {
    const [x, y] = placeOf(root, layer, index);
    const longest = Math.max(layer.height, layer.width);
    const [width, height] = [(layer.cell * layer.width) / longest, (layer.cell * layer.height) / longest];
    context.drawImage(pictureOf(layer, index), x, y, width, height);
  });
}

function pictureOf(layer, index) {
  const size = layer.height * layer.width;
  const paintOf = layer.gray ? grayOf : colorOf;
  return paintPicture(layer.pixels, layer.start + index * size, layer.height, layer.width, 127, paintOf);
}

function listen(root) {
  const scroller = root.querySelector(".scroller");
  scroller.onpointermove = (event) => event.pointerType === "mouse" && hover(root, find(root, event), true);
  scroller.onpointerleave = () => hover(root, null);
  scroller.onclick = (event) => {
    const found = find(root, event);
    if (found && !found.layer.gray) root.state.tell(found.layer.name, found.layer.channels[found.index]);
  };
  scroller.onkeydown = (event) => walk(root, event);
  scroller.onblur = () => hover(root, null);
  root.state.resizer?.disconnect();
  if (root.state.header.wrap) {
    root.state.resizer = new ResizeObserver(() => {
      root.state.layers.forEach((layer) => {
        arrange(root, layer);
        if (layer.maps) paint(root, layer);
      });
      mark(root, root.state.picked);
    });
    root.state.resizer.observe(root);
  }
}

function find(root, event) {
  const maps = event.target.closest?.(".maps");
  if (!maps) return null;
  const { layer } = maps;
  const box = maps.getBoundingClientRect();
  const step = layer.cell + layer.gap;
  const [column, row] = [Math.floor((event.clientX - box.left) / step), Math.floor((event.clientY - box.top) / step)];
  if (column < 0 || row < 0 || column >= layer.across || row >= layer.down) return null;
  const index = root.state.header.wrap ? row * layer.across + column : column * layer.down + row;
  return index < layer.channels.length ? { layer, index } : null;
}

function describe(root, { layer, index }) {
  if (layer.gray) return "The item, scaled to 0 … 1";
  if (layer.slim) return layer.title;
  const channel = layer.channels[index];
  if (layer.shares) return `${root.state.header.classes[channel].name} · ${percent(layer.shares[channel])}`;
  const { what } = root.state.header;
  return `${layer.name} · ${what} ${channel} of ${layer.total} · ${layer.peakName} ${showNumber(layer.peaks[index])}`;
}

function hover(root, found, withCard = false) {
  const { hovered } = root.state;
  if (found?.layer === hovered?.layer && found?.index === hovered?.index && !withCard) return;
  root.state.hovered = found;
  outline(root, "hovered", found);
  root.querySelector(".status").textContent = found ? describe(root, found) : "";
  const card = root.querySelector(".card");
  card.classList.toggle("shown", Boolean(found && withCard && found.layer.height > 1));
  if (!found || !withCard || found.layer.height <= 1) return;
  const picture = pictureOf(found.layer, found.index);
  const canvas = card.querySelector("canvas");
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext("2d").drawImage(picture, 0, 0);
  const named = found.layer.gray ? "the item" : `${root.state.header.what} ${found.layer.channels[found.index]}`;
  card.querySelector("p").textContent = named;
  const [outer, box] = [root.getBoundingClientRect(), found.layer.maps.getBoundingClientRect()];
  const [x, y] = placeOf(root, found.layer, found.index);
  const left = box.left - outer.left + x + found.layer.cell + 10;
  const beside = left + 126 > outer.width ? left - found.layer.cell - 146 : left;
  card.style.left = `${Math.max(0, beside)}px`;
  card.style.top = `${Math.min(Math.max(0, box.top - outer.top + y - 50), Math.max(0, outer.height - 150))}px`;
}

function outline(root, className, found) {
  root.querySelector(`.mark.${className}`)?.remove();
  if (!found?.layer.maps || found.index < 0) return;
  const [x, y] = placeOf(root, found.layer, found.index);
  const frame = makeElement("div", `mark ${className}`);
  const [left, top, side] = [x, y, found.layer.cell].map((length) => `${length}px`);
  Object.assign(frame.style, { left, top, width: side, height: side });
  found.layer.maps.append(frame);
}

function mark(root, picked) {
  root.state.picked = picked;
  const layer = root.state.layers.find((one) => one.name === picked?.layer);
  const index = layer ? layer.channels.indexOf(picked.channel) : -1;
  outline(root, "picked", layer && index >= 0 ? { layer, index } : null);
  for (const one of root.state.layers) {
    one.element.setAttribute("aria-current", one === layer);
    one.element.querySelectorAll(".bars button").forEach((button, position) => {
      button.setAttribute("aria-current", one === layer && position === picked.channel);
    });
  }
}

function scrollTo(root, name) {
  const layer = root.state.layers.find((one) => one.name === name);
  if (!layer || root.state.header.wrap) return;
  const scroller = root.querySelector(".scroller");
  const { offsetLeft, offsetWidth } = layer.element;
  if (offsetLeft + offsetWidth > scroller.clientWidth) {
    scroller.scrollLeft = offsetLeft - (scroller.clientWidth - offsetWidth) / 2;
  }
}

function walk(root, event) {
  const stops = root.state.layers.filter((layer) => !layer.gray && layer.channels.length);
  const picked = stops.find((layer) => layer.name === root.state.picked?.layer);
  const from = root.state.hovered ?? {
    layer: picked ?? stops[0],
    index: Math.max(0, (picked ?? stops[0]).channels.indexOf(root.state.picked?.channel)),
  };
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    root.state.tell(from.layer.name, from.layer.channels[from.index]);
    return;
  }
  const to = neighbor(root, stops, from, event.key);
  if (!to) return;
  event.preventDefault();
  hover(root, to);
  if (!root.state.header.wrap) to.layer.element.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function neighbor(root, stops, { layer, index }, key) {
  const { wrap } = root.state.header;
  const across = layer.maps ? (wrap ? 1 : layer.down) : layer.channels.length;
  const along = layer.maps && wrap ? layer.across : 1;
  const steps = { ArrowUp: -along, ArrowDown: along, ArrowLeft: -across, ArrowRight: across };
  const jumps = { PageUp: -1, PageDown: 1 };
  const position = stops.indexOf(layer);
  if (key in jumps) return enter(stops[position + jumps[key]], 0);
  if (!(key in steps)) return null;
  const target = index + steps[key];
  if (target >= 0 && target < layer.channels.length) return { layer, index: target };
  if (key === "ArrowLeft") return enter(stops[position - 1], Infinity);
  if (key === "ArrowRight") return enter(stops[position + 1], 0);
  return null;
}

function enter(layer, index) {
  return layer ? { layer, index: Math.min(index, layer.channels.length - 1) } : null;
}
