// Values as colours: black is zero, warm above it, blue below. One palette for feature maps, filters and numbers.

const ABOVE = [[12, 11, 14], [112, 34, 22], [221, 100, 37], [255, 205, 130], [255, 248, 230]];
const BELOW = [[12, 11, 14], [20, 54, 108], [58, 131, 201], [142, 200, 248], [230, 245, 255]];
const STEPS = 255;

// From −STEPS to STEPS. Small values are lifted a little, or most maps would be all black.
const PALETTE = Array.from({ length: 2 * STEPS + 1 }, (_, index) => {
  const value = (index - STEPS) / STEPS;
  const stops = value < 0 ? BELOW : ABOVE;
  const place = Math.abs(value) ** 0.75 * (stops.length - 1);
  const low = Math.min(Math.floor(place), stops.length - 2);
  return stops[low].map((part, channel) => Math.round(part + (stops[low + 1][channel] - part) * (place - low)));
});

function colorOf(share) {
  return PALETTE[STEPS + Math.round(STEPS * Math.max(-1, Math.min(1, share || 0)))];
}

function grayOf(share) {
  const value = Math.round(255 * Math.max(0, Math.min(1, share)));
  return [value, value, value];
}

// Text on a colour of the palette.
function inkOn([red, green, blue]) {
  return 0.3 * red + 0.59 * green + 0.11 * blue > 140 ? "#15161a" : "#ffffff";
}

// A picture of height × width values as a small canvas, one pixel each, to be drawn larger.
function paintPicture(values, start, height, width, largest, paint = colorOf) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  for (let place = 0; place < height * width; place += 1) {
    const [red, green, blue] = paint(largest > 0 ? values[start + place] / largest : 0);
    image.data.set([red, green, blue, 255], 4 * place);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function readPacket(data) {
  const bytes = new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return [header, bytes.subarray(4 + length)];
}

function makeElement(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

// About four figures, with a real minus sign and no exponent where it can be helped.
function showNumber(value, digits = 3) {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 0.5 * 10 ** -digits)) return sign(value.toExponential(2));
  return sign(value.toFixed(digits));
}

function sign(text) {
  return text.replaceAll("-", "−");
}
