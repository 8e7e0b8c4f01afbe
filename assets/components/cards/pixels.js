// An item as a canvas of 28 × 28 pixels.

const SIDE = 28;

function unpack(data) {
  const bytes = new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  return { text: new TextDecoder().decode(bytes.subarray(4, 4 + length)), pixels: bytes.subarray(4 + length) };
}

/** Draw the item at a position among those that were sent. */
function draw(pixels, position, description) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", description);
  const image = new ImageData(SIDE, SIDE);
  pixels.subarray(position * SIDE * SIDE, (position + 1) * SIDE * SIDE).forEach((value, pixel) => {
    image.data.set([value, value, value, 255], pixel * 4);
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function element(tag, text, className = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
