// Tailor's scissors: what is gone round falls off; else a cut has two sides, and the smaller one falls off.

const BLADE = 1.5; // half the width of a cut, in pixels: too wide to slip through diagonally
const LEAST_LOOP = 150; // square pixels; what is smaller is a trembling hand
const LEFT = 1;
const RIGHT = 2;

/** Cut along a path and return whether anything fell off. */
function cut(pixels, path) {
  const points = thin(path);
  if (points.length < 2) return false;
  const loop = findLoop(points);
  return loop ? cutOut(pixels, loop) : cutOff(pixels, lengthen(pixels, points));
}

/** Leave out points that are less than two pixels from the last one. */
function thin(path) {
  const points = [];
  for (const point of path)
    if (!points.length || Math.hypot(point.x - points.at(-1).x, point.y - points.at(-1).y) >= 2) points.push(point);
  return points;
}

/** The part of a path that goes round something: from where it crosses itself, or all of it if its ends meet. */
function findLoop(points) {
  for (let i = 0; i + 2 < points.length; i++)
    for (let j = points.length - 2; j > i + 1; j--) {
      const crossing = cross(points[i], points[i + 1], points[j], points[j + 1]);
      if (crossing) return asLoop([crossing, ...points.slice(i + 1, j + 1)]);
    }
  const [first, last] = [points[0], points.at(-1)];
  const length = points.slice(1).reduce((sum, p, i) => sum + Math.hypot(p.x - points[i].x, p.y - points[i].y), 0);
  return Math.hypot(last.x - first.x, last.y - first.y) <= 0.15 * length ? asLoop(points) : null;
}

function asLoop(points) {
  const twice = points.reduce((sum, { x, y }, i) => {
    const next = points[(i + 1) % points.length];
    return sum + x * next.y - next.x * y;
  }, 0);
  return Math.abs(twice) / 2 >= LEAST_LOOP ? points : null;
}

/** Where the line from a to b crosses that from c to d, if it does. */
function cross(a, b, c, d) {
  const turn = (b.x - a.x) * (d.y - c.y) - (b.y - a.y) * (d.x - c.x);
  if (!turn) return null;
  const along = ((c.x - a.x) * (d.y - c.y) - (c.y - a.y) * (d.x - c.x)) / turn;
  const other = ((c.x - a.x) * (b.y - a.y) - (c.y - a.y) * (b.x - a.x)) / turn;
  if (along < 0 || along > 1 || other < 0 || other > 1) return null;
  return { x: a.x + along * (b.x - a.x), y: a.y + along * (b.y - a.y) };
}

/** Make everything inside a closed path background. */
function cutOut(pixels, loop) {
  let found = false;
  for (let y = 0; y < SIDE; y++) {
    const crossings = [];
    loop.forEach((a, i) => {
      const b = loop[(i + 1) % loop.length];
      if (a.y <= y + 0.5 !== b.y <= y + 0.5) crossings.push(a.x + ((y + 0.5 - a.y) / (b.y - a.y)) * (b.x - a.x));
    });
    crossings.sort((a, b) => a - b);
    for (let k = 0; k + 1 < crossings.length; k += 2)
      for (let x = Math.max(0, Math.ceil(crossings[k] - 0.5)); x < SIDE && x + 0.5 <= crossings[k + 1]; x++) {
        found ||= pixels[y * SIDE + x] > INK;
        pixels[y * SIDE + x] = 0;
      }
  }
  return found;
}

/** Lead a path that ends within the garment straight on, until it has left it. */
function lengthen(pixels, points) {
  return [goOn(pixels, points.slice().reverse()), ...points, goOn(pixels, points)];
}

function goOn(pixels, points) {
  const end = points.at(-1);
  const from = points.findLast(({ x, y }) => Math.hypot(end.x - x, end.y - y) >= 8) ?? points[0];
  const length = Math.hypot(end.x - from.x, end.y - from.y);
  const [dx, dy] = [(end.x - from.x) / length, (end.y - from.y) / length];
  let { x, y } = end;
  const isInk = () => x >= 0 && y >= 0 && x < SIDE && y < SIDE && pixels[Math.floor(y) * SIDE + Math.floor(x)] > INK;
  while (isInk()) [x, y] = [x + dx, y + dy];
  // A little further, so that the edge is cut too.
  return { x: x + 2 * BLADE * dx, y: y + 2 * BLADE * dy };
}

/** Make the smaller side of a cut background. What touches both sides has not been cut, and stays. */
function cutOff(pixels, points) {
  const blade = layBlade(points);
  const seen = new Uint8Array(pixels.length);
  let sides = { [LEFT]: [], [RIGHT]: [] };
  for (let start = 0; start < pixels.length; start++) {
    if (seen[start] || blade[start] || pixels[start] <= INK) continue;
    const { piece, side } = pieceAround(pixels, blade, seen, start);
    if (side) sides[side] = sides[side].concat(piece);
  }
  if (!sides[LEFT].length || !sides[RIGHT].length) return false;
  const smaller = sides[LEFT].length < sides[RIGHT].length ? LEFT : RIGHT;
  for (const i of sides[smaller]) pixels[i] = 0;
  for (let i = 0; i < pixels.length; i++) if (blade[i] === smaller) pixels[i] = 0;
  return true;
}

/** The ink that hangs together with a pixel, and the side of the cut that it lies on: 0 for none or both. */
function pieceAround(pixels, blade, seen, start) {
  const piece = [start];
  const touched = { [LEFT]: 0, [RIGHT]: 0 };
  seen[start] = 1;
  for (let k = 0; k < piece.length; k++)
    for (const i of neighbours(piece[k]))
      if (blade[i]) touched[blade[i]]++;
      else if (!seen[i] && pixels[i] > INK) {
        seen[i] = 1;
        piece.push(i);
      }
  // Where a cut bends sharply, a few pixels are taken for the other side's.
  if (5 * touched[RIGHT] < touched[LEFT]) return { piece, side: LEFT };
  return { piece, side: 5 * touched[LEFT] < touched[RIGHT] ? RIGHT : 0 };
}

/** Mark the pixels that a cut passes, each with the side on which it lies. */
function layBlade(points) {
  const blade = new Uint8Array(SIDE * SIDE);
  const nearest = new Float32Array(SIDE * SIDE).fill(Infinity);
  for (let k = 0; k + 1 < points.length; k++) {
    const [a, b] = [points[k], points[k + 1]];
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const [left, right] = clip(Math.min(a.x, b.x) - BLADE, Math.max(a.x, b.x) + BLADE);
    const [top, bottom] = clip(Math.min(a.y, b.y) - BLADE, Math.max(a.y, b.y) + BLADE);
    for (let y = top; y <= bottom; y++)
      for (let x = left; x <= right; x++) {
        const [px, py] = [x + 0.5 - a.x, y + 0.5 - a.y];
        const along = Math.min(1, Math.max(0, (px * dx + py * dy) / (dx * dx + dy * dy || 1)));
        const distance = Math.hypot(px - along * dx, py - along * dy);
        if (distance > BLADE || distance >= nearest[y * SIDE + x]) continue;
        nearest[y * SIDE + x] = distance;
        blade[y * SIDE + x] = dx * py - dy * px < 0 ? LEFT : RIGHT;
      }
  }
  return blade;
}
