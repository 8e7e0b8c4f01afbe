// The sheet: an array of SIDE × SIDE greys. It is never read back from a <canvas>, which some browsers blur against
// fingerprinting; so painting, filling, cutting, undoing and sending are plain loops over one array.

const SIDE = 280; // pixels of the sheet, as in canvas.py
const EDGE = 28;
const INK = 12; // what is darker counts as background, as in photos

/** First and last pixel from `low` to `high` that lie on the sheet. */
function clip(low, high) {
  return [Math.max(0, Math.floor(low)), Math.min(SIDE - 1, Math.ceil(high))];
}

function neighbours(i) {
  const x = i % SIDE;
  const found = [];
  if (x > 0) found.push(i - 1);
  if (x < SIDE - 1) found.push(i + 1);
  if (i >= SIDE) found.push(i - SIDE);
  if (i < SIDE * (SIDE - 1)) found.push(i + SIDE);
  return found;
}

/** Where a point comes to lie when the sheet is seen in a mirror. */
function mirrored({ x, y }) {
  return { x: SIDE - x, y };
}

function flipped(pixels) {
  const turned = new Uint8Array(pixels.length);
  for (let start = 0; start < pixels.length; start += SIDE)
    turned.set(pixels.slice(start, start + SIDE).reverse(), start);
  return turned;
}

function isSame(pixels, others) {
  return pixels.every((grey, i) => grey === others[i]);
}

function draw(canvas, pixels) {
  const image = new ImageData(canvas.width, canvas.height);
  const colors = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) colors[i] = 0xff000000 | (pixels[i] * 0x010101);
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** The preview, by the rule of photos.prepare_drawing: trim, longest edge to 28 by averaging, centre. */
function shrink(pixels) {
  let [left, right, top, bottom] = [SIDE, -1, SIDE, -1];
  for (let i = 0; i < pixels.length; i++)
    if (pixels[i] > INK) {
      const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  if (right < 0) return null;
  const [width, height] = [right - left + 1, bottom - top + 1];
  const scale = EDGE / Math.max(width, height);
  const columns = spans(width, Math.max(1, Math.floor(width * scale + 0.5)));
  const rows = spans(height, Math.max(1, Math.floor(height * scale + 0.5)));
  const [offsetX, offsetY] = [columns, rows].map((parts) => Math.floor((EDGE - parts.length) / 2));
  const small = new Uint8Array(EDGE * EDGE);
  rows.forEach(([y0, y1], row) =>
    columns.forEach(([x0, x1], column) => {
      let sum = 0;
      for (let y = y0; y <= y1; y++) for (let x = x0; x <= x1; x++) sum += pixels[(top + y) * SIDE + left + x];
      small[(offsetY + row) * EDGE + offsetX + column] = Math.round(sum / ((y1 - y0 + 1) * (x1 - x0 + 1)));
    }),
  );
  return small;
}

/** Which of `length` pixels are averaged into each of `n`: first and last, as Pillow's box filter chooses them. */
function spans(length, n) {
  const scale = length / n;
  const half = Math.max(1, scale) / 2;
  return Array.from({ length: n }, (_, i) => {
    const centre = (i + 0.5) * scale - 0.5;
    return [Math.max(0, Math.floor(centre - half) + 1), Math.min(length - 1, Math.floor(centre + half))];
  });
}

/** Runs of equal pixels as pairs of bytes (length, grey) in base64: a few kilobytes, and quick on both sides. */
function encode(pixels) {
  const pairs = [];
  for (let i = 0, start = 0; i <= pixels.length; i++)
    if (i === pixels.length || pixels[i] !== pixels[start] || i - start === 255) {
      pairs.push(String.fromCharCode(i - start, pixels[start]));
      start = i;
    }
  return btoa(pairs.join(""));
}

function decode(text) {
  const pixels = new Uint8Array(SIDE * SIDE);
  const pairs = atob(text);
  for (let i = 0, end = 0; i < pairs.length; i += 2)
    pixels.fill(pairs.charCodeAt(i + 1), end, (end += pairs.charCodeAt(i)));
  return pixels;
}
