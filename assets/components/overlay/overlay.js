// Heat maps over one garment, a row for each class; a slider fades from the garment to the heat, in the browser.
// Python sends a JSON header and bytes in one packet: 4 bytes with the header's length (little endian), the header,
// the garment's 784 bytes, and for each cell in turn its 28 × 28 × 4 bytes of red, green, blue and opacity.
// Header: { columns, legends: [{ low, high, colors: [color] }],
//           rows: [{ title, note, color, cells: [{ title, note }] }] }

const AREA = 28 * 28;

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".lab-overlay");
  const { header, garment, layers } = unpack(data);
  root.style.setProperty("--columns", header.columns);
  fit(root.querySelector(".legends"), header.legends, "legend", showLegend);
  const cells = [];
  fit(root.querySelector(".rows"), header.rows, "row", (element, row) => showRow(element, row, cells));
  const slider = root.querySelector("input");
  const paint = () => cells.forEach((canvas, index) => mix(canvas, garment, layers[index], slider.value / 100));
  slider.oninput = paint;
  paint();
}

function unpack(data) {
  const bytes = new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const payload = bytes.slice(4 + length);
  const layers = [];
  for (let start = AREA; start < payload.length; start += 4 * AREA) layers.push(payload.subarray(start, start + 4 * AREA));
  return { header, garment: payload.subarray(0, AREA), layers };
}

// Keeps the elements that are there: a canvas made anew would flicker.
function fit(parent, values, kind, show, tag = "div") {
  while (parent.children.length > values.length) parent.lastChild.remove();
  values.forEach((value, position) => {
    if (!parent.children[position]) {
      parent.append(document.createElement(tag));
      parent.lastChild.className = kind;
    }
    show(parent.children[position], value);
  });
}

function showLegend(element, { low, high, colors }) {
  if (!element.firstChild) element.append(...["span", "div", "span"].map((tag) => document.createElement(tag)));
  const [from, bar, to] = element.children;
  [from.textContent, to.textContent] = [low, high];
  bar.className = "bar";
  bar.style.background = `linear-gradient(to right, ${colors.join(", ")})`;
  bar.setAttribute("aria-hidden", "true");
}

function showRow(element, row, cells) {
  if (!element.firstChild) {
    element.append(document.createElement("h4"), document.createElement("div"));
    element.firstChild.append(...["i", "b", "span"].map((tag) => document.createElement(tag)));
    element.lastChild.className = "cells";
  }
  const [swatch, name, note] = element.firstChild.children;
  swatch.className = "swatch";
  swatch.style.background = row.color;
  name.textContent = row.title;
  note.textContent = row.note && ` ${row.note}`;
  fit(element.lastChild, row.cells, "", (figure, cell) => cells.push(showCell(figure, cell, row.title)), "figure");
}

function showCell(figure, { title, note }, className) {
  if (!figure.firstChild) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [28, 28];
    canvas.setAttribute("role", "img");
    const caption = document.createElement("figcaption");
    caption.append(document.createElement("b"), document.createElement("span"));
    figure.append(canvas, caption);
  }
  const [canvas, caption] = figure.children;
  canvas.setAttribute("aria-label", `${title}: why ${className}? ${note}`);
  caption.firstChild.textContent = title;
  caption.lastChild.textContent = note;
  return canvas;
}

// The garment fades all the way; the heat is there in full from the middle on.
function mix(canvas, garment, layer, share) {
  const image = new ImageData(28, 28);
  const heat = Math.min(1, 2 * share);
  const rest = 1 - share;
  for (let pixel = 0; pixel < AREA; pixel++) {
    const opacity = (heat * layer[4 * pixel + 3]) / 255;
    for (let channel = 0; channel < 3; channel++) {
      image.data[4 * pixel + channel] =
        garment[pixel] * rest * (1 - opacity) + layer[4 * pixel + channel] * opacity;
    }
    image.data[4 * pixel + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}
