// What brush, line, eraser and fill leave on the sheet.

const TOLERANCE = 24; // how far a grey may differ and still be filled

/** Paint a round stroke from a to b, its edge smoothed over one pixel. */
function paint(pixels, a, b, radius, grey) {
  const reach = radius + 1;
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const squared = dx * dx + dy * dy || 1;
  const [left, right] = clip(Math.min(a.x, b.x) - reach, Math.max(a.x, b.x) + reach);
  const [top, bottom] = clip(Math.min(a.y, b.y) - reach, Math.max(a.y, b.y) + reach);
  for (let y = top; y <= bottom; y++)
    for (let x = left; x <= right; x++) {
      const [px, py] = [x + 0.5 - a.x, y + 0.5 - a.y];
      const along = Math.min(1, Math.max(0, (px * dx + py * dy) / squared));
      const distance = Math.hypot(px - along * dx, py - along * dy);
      const coverage = Math.min(1, radius + 0.5 - distance);
      if (coverage > 0) pixels[y * SIDE + x] += Math.round((grey - pixels[y * SIDE + x]) * coverage);
    }
}

/** Fill the patches around points, and one pixel beyond them, so that no seam stays at a stroke's smooth edge. */
function fill(pixels, points, grey) {
  const patches = points.map(({ x, y }) => patchAround(pixels, Math.floor(x), Math.floor(y)));
  for (const patch of patches) for (let i = 0; i < patch.length; i++) if (patch[i]) pixels[i] = grey;
}

function patchAround(pixels, x, y) {
  const patch = new Uint8Array(pixels.length);
  if (x < 0 || y < 0 || x >= SIDE || y >= SIDE) return patch;
  const start = y * SIDE + x;
  const seed = pixels[start];
  const open = [start];
  patch[start] = 1;
  while (open.length)
    for (const i of neighbours(open.pop()))
      if (!patch[i]) {
        patch[i] = 1;
        if (Math.abs(pixels[i] - seed) <= TOLERANCE) open.push(i);
      }
  return patch;
}
