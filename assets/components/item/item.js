// One item: its picture, the mean item of its class and both histograms; or its 784 values as a table.
// Python sends a JSON header and 2 × 784 bytes in one packet: 4 bytes with the header's length (little
// endian), the header, the item, the mean item.
// Header: { view: "picture" | "values", name, color, histogram, classHistogram, histogramCaption, meanCaption }
// Both histograms are shares of equal bins without the first one, the black background.

const SIDE = 28;
const HEIGHT = 74;

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".lab-item");
  const { header, pixels, mean } = unpack(data);
  root.style.setProperty("--color", header.color);
  root.classList.toggle("picture-view", header.view === "picture");
  root.classList.toggle("values-view", header.view === "values");
  if (header.view === "values") {
    writeValues(root.querySelector("table"), pixels);
    return;
  }
  const picture = root.querySelector(".picture");
  paint(picture, pixels);
  picture.setAttribute("aria-label", header.name);
  paint(root.querySelector(".mean"), mean);
  root.querySelector(".mean").setAttribute("aria-label", header.meanCaption);
  root.querySelector(".typical figcaption").textContent = header.meanCaption;
  drawHistogram(root.querySelector(".histogram"), header);
  readOut(picture, root.querySelector(".readout"), pixels);
}

function unpack(data) {
  const bytes = new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const start = 4 + length;
  const area = SIDE * SIDE;
  return { header, pixels: bytes.slice(start, start + area), mean: bytes.slice(start + area, start + 2 * area) };
}

function paint(canvas, pixels) {
  const image = new ImageData(SIDE, SIDE);
  pixels.forEach((value, index) => image.data.set([value, value, value, 255], 4 * index));
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function drawHistogram(figure, { histogram, classHistogram, histogramCaption }) {
  const highest = Math.max(...histogram, ...classHistogram, 1e-9);
  const width = 256 / (histogram.length + 1);
  const top = (share) => HEIGHT - (share / highest) * (HEIGHT - 2);
  figure.querySelector(".bars").innerHTML = histogram
    .map((share, bin) => {
      const y = top(share);
      return `<rect x="${(bin + 1) * width + 0.5}" y="${y}" width="${width - 1}" height="${HEIGHT - y}"></rect>`;
    })
    .join("");
  const steps = classHistogram.map((share, bin) => `V${top(share)}H${(bin + 2) * width}`);
  figure.querySelector(".outline").setAttribute("d", `M${width} ${HEIGHT}${steps.join("")}`);
  figure.querySelector("svg").setAttribute("aria-label", histogramCaption);
  figure.querySelector("figcaption").textContent = histogramCaption;
}

function readOut(canvas, output, pixels) {
  const hint = "Point at a pixel to read its value.";
  output.textContent = hint;
  canvas.onpointermove = (event) => {
    const box = canvas.getBoundingClientRect();
    const place = (offset, length) => Math.min(SIDE - 1, Math.max(0, Math.floor((offset / length) * SIDE)));
    const column = place(event.clientX - box.left, box.width);
    const row = place(event.clientY - box.top, box.height);
    output.textContent = `Row ${row}, column ${column}: ${pixels[row * SIDE + column]}`;
  };
  canvas.onpointerleave = () => {
    output.textContent = hint;
  };
}

function writeValues(table, pixels) {
  if (!table.rows.length) {
    const numbers = [...Array(SIDE).keys()];
    const head = numbers.map((column) => `<th scope="col">${column}</th>`).join("");
    const body = numbers.map((row) => `<tr><th scope="row">${row}</th>${"<td></td>".repeat(SIDE)}</tr>`).join("");
    table.innerHTML = `<thead><tr><th></th>${head}</tr></thead><tbody>${body}</tbody>`;
  }
  table.querySelectorAll("td").forEach((cell, index) => {
    const value = pixels[index];
    cell.textContent = value;
    cell.style.background = `rgb(${value} ${value} ${value})`;
    cell.style.color = value > 130 ? "#000" : value ? "#fff" : "#777";
  });
}
