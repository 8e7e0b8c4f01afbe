// How a pixel of a map comes about: windows of the input maps, times a kernel, summed; or their largest, or their mean.

const MOST_ROWS = 4;

function readMaps(header, floats) {
  const [count, height, width] = header.shape;
  const weights = header.kind === "sum" ? count * header.size[0] * header.size[1] : 0;
  const inputs = floats.subarray(0, count * height * width);
  const kernel = floats.subarray(inputs.length, inputs.length + weights);
  const outputs = floats.subarray(inputs.length + weights);
  return { ...header, inputs, kernel, outputs, largest: [inputs, kernel, outputs].map(largestOf) };
}

function largestOf(values) {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function buildMaps(root, operation) {
  const { shape, size, outputShape } = operation;
  const [count, height, width] = shape;
  const from = root.querySelector(".from");
  const side = count === 1 ? 180 : count < 4 ? 104 : 80;
  const rows = Array.from({ length: Math.min(count, MOST_ROWS) }, () => {
    const row = makeElement("div", "part");
    const name = makeElement("div", "name");
    row.append(name, makePicture(side, height, width), makeElement("div", "sum"));
    return row;
  });
  from.classList.toggle("single", count === 1);
  from.replaceChildren(makeElement("h4", "", operation.fromTitle), ...rows);
  if (count > MOST_ROWS) from.append(makeAllParts(operation));
  if (count === 1) {
    fillPicture(rows[0].querySelector(".picture"), paintInput(operation, 0));
    listenToInput(root, rows[0].querySelector("canvas"), operation);
  }
  const to = root.querySelector(".to");
  const picture = makePicture(232, ...outputShape);
  fillPicture(picture, paintPicture(operation.outputs, 0, ...outputShape, operation.largest[2]));
  const foot = makeElement("div", "foot");
  const where = makeElement("span", "where");
  where.setAttribute("role", "status");
  foot.append(where, makePlay(root, operation));
  to.replaceChildren(makeElement("h4", "", operation.toTitle), picture, foot);
  const label = `${operation.toTitle}. Arrow keys walk over its ${outputShape.join(" × ")} pixels.`;
  choosable(picture.querySelector("canvas"), outputShape, label, () => root.state.place, (row, column) => {
    stop(root);
    showPixel(root, operation, row, column);
  });
  from.dataset.window = size.join("×");
}

function paintInput(operation, index) {
  const [, height, width] = operation.shape;
  const paint = operation.gray ? grayOf : colorOf;
  const largest = operation.gray ? 1 : operation.largest[0];
  return paintPicture(operation.inputs, index * height * width, height, width, largest, paint);
}

function windowOf(operation, row, column) {
  return [row, column].map((place, axis) => {
    const first = Math.floor(place / operation.enlarge[axis]) * operation.strides[axis] - operation.offset[axis];
    return Array.from({ length: operation.size[axis] }, (_, step) => first + step * operation.dilation[axis]);
  });
}

// The values of one input under the window; null beyond its edges.
function valuesOf(operation, index, rows, columns) {
  const [, height, width] = operation.shape;
  const start = index * height * width;
  return rows.flatMap((row) =>
    columns.map((column) => {
      const inside = row >= 0 && column >= 0 && row < height && column < width;
      return inside ? operation.inputs[start + row * width + column] : null;
    }),
  );
}

function partOf(operation, index, rows, columns) {
  const values = valuesOf(operation, index, rows, columns);
  const known = values.filter((value) => value !== null);
  if (operation.kind === "max") return { values, sum: Math.max(...known) };
  if (operation.kind === "mean") return { values, sum: known.reduce((a, b) => a + b, 0) / known.length };
  if (operation.kind === "show") return { values, sum: null };
  const start = index * values.length;
  const weights = operation.kernel.subarray(start, start + values.length);
  return { values, weights, sum: values.reduce((sum, value, place) => sum + (value ?? 0) * weights[place], 0) };
}

function showPixel(root, operation, row, column) {
  root.state.place = [row, column];
  const [rows, columns] = windowOf(operation, row, column);
  const parts = operation.titles.map((_, index) => ({ index, ...partOf(operation, index, rows, columns) }));
  const ranked = [...parts].sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum));
  root.querySelectorAll(".part").forEach((element, position) => {
    // Few inputs keep their places; of many the largest come first.
    const part = operation.titles.length > MOST_ROWS ? ranked[position] : parts[position];
    showPart(element, operation, part, rows, columns);
  });
  showAllParts(root, operation, parts, ranked);
  const output = operation.outputs[row * operation.outputShape[1] + column];
  const title = `Row ${row}, column ${column}`;
  showLines(root.querySelector(".lines"), title, linesOf(operation, parts, output));
  const picture = root.querySelector(".to .picture");
  framePicture(picture, operation.outputShape, row, column, 1, 1);
  root.querySelector(".where").textContent = `Row ${row}, column ${column}: ${showNumber(output, 4)}`;
}

function linesOf(operation, parts, output) {
  const known = parts[0].values.filter((value) => value !== null).length;
  const sum = parts.reduce((total, part) => total + part.sum, 0);
  if (operation.kind === "show") return [{ key: "output", name: "output", value: output, kind: "output" }];
  if (operation.kind === "max") return [{ key: "output", name: `largest of ${known}`, value: sum, kind: "output" }];
  if (operation.kind === "mean") {
    return [
      { key: "sum", name: `sum of ${known}`, value: sum * known },
      { key: "output", name: `divided by ${known}`, value: sum, kind: "output" },
    ];
  }
  const names = parts.length > 1 ? `sum of ${parts.length} ${operation.partsName}` : operation.sumName;
  return finish(sum, operation, names, output);
}

function showPart(element, operation, part, rows, columns) {
  const [count, height, width] = operation.shape;
  element.querySelector(".name").textContent = operation.titles[part.index];
  const picture = element.querySelector(".picture");
  if (count > 1) fillPicture(picture, paintInput(operation, part.index));
  const [top, left] = [rows[0], columns[0]];
  framePicture(picture, [height, width], top, left, rows.at(-1) - top + 1, columns.at(-1) - left + 1);
  const sum = element.querySelector(".sum");
  if (operation.kind === "show") return;
  const places = [rows.length, columns.length];
  const input = operation.gray ? (value) => grayOf(value) : (value) => colorOf(value / operation.largest[0]);
  const winner = operation.kind === "max" ? part.values.indexOf(part.sum) : -1;
  sum.replaceChildren(makeCells(part.values, places, input, winner));
  if (part.weights && !operation.plain) {
    const weight = (value) => colorOf(value / operation.largest[1]);
    sum.append(makeElement("span", "sign", "×"), makeCells([...part.weights], places, weight, -1));
    sum.append(makeElement("span", "sign", "="), makeElement("b", "amount", showNumber(part.sum)));
  }
}

function makeCells(values, [height, width], paint, winner) {
  const longest = Math.max(height, width);
  const size = longest > 5 ? "tiny" : longest > 3 ? "small" : longest > 1 ? "" : "one";
  const cells = makeElement("div", `cells ${size}`);
  cells.style.gridTemplateColumns = `repeat(${width}, var(--cell))`;
  cells.append(
    ...values.map((value, place) => {
      const cell = makeElement("span", place === winner ? "won" : "");
      if (value === null) {
        cell.className = "outside";
        cell.title = "Beyond the edge";
        return cell;
      }
      const color = paint(value);
      cell.style.background = `rgb(${color})`;
      cell.style.color = inkOn(color);
      cell.title = String(value);
      if (longest <= 5) cell.textContent = shorten(value);
      return cell;
    }),
  );
  return cells;
}

function shorten(value) {
  const size = Math.abs(value);
  if (size < 0.005) return "0";
  return sign(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)).replace(/^(−?)0\./, "$1.");
}

function makeAllParts(operation) {
  const block = makeElement("div", "all");
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `What each of the ${operation.titles.length} channels adds`);
  block.append(makeElement("div", "rest"), canvas);
  return block;
}

function showAllParts(root, operation, parts, ranked) {
  const block = root.querySelector(".all");
  if (!block) return;
  const rest = ranked.slice(MOST_ROWS).reduce((sum, part) => sum + part.sum, 0);
  const left = parts.length - MOST_ROWS;
  block.querySelector(".rest").replaceChildren(
    makeElement("span", "", `${left} other channel${left > 1 ? "s" : ""}`),
    makeElement("b", "", showNumber(rest)),
  );
  const canvas = block.querySelector("canvas");
  const scale = window.devicePixelRatio || 1;
  const [width, height] = [Math.max(canvas.clientWidth, 40) * scale, 46 * scale];
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const most = Math.max(...parts.map((part) => Math.abs(part.sum))) || 1;
  const step = width / parts.length;
  const style = getComputedStyle(root);
  parts.forEach((part, place) => {
    const length = (part.sum / most) * (height / 2 - scale);
    context.fillStyle = part.sum < 0 ? style.getPropertyValue("--below") : style.getPropertyValue("--above");
    const thickness = Math.max(step - (step > 3 * scale ? scale : 0), 0.6);
    context.fillRect(place * step, height / 2 - Math.max(length, 0), thickness, Math.max(Math.abs(length), 0.5));
  });
}

// The pointer on the input chooses the output pixel whose window is centred there.
function listenToInput(root, canvas, operation) {
  if (operation.kind === "show") return;
  const [, height, width] = operation.shape;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const places = [
      ((event.clientY - box.top) / box.height) * height,
      ((event.clientX - box.left) / box.width) * width,
    ];
    const [row, column] = places.map((place, axis) => {
      const middle = (operation.size[axis] * operation.dilation[axis]) / 2;
      const target = (place + operation.offset[axis] - middle) / operation.strides[axis];
      const found = Math.round(target) * operation.enlarge[axis];
      return Math.min(Math.max(found, 0), operation.outputShape[axis] - 1);
    });
    stop(root);
    showPixel(root, operation, row, column);
  };
  canvas.onpointermove = at;
  canvas.onpointerdown = at;
}

function makePlay(root, operation) {
  const button = makeElement("button", "play");
  button.type = "button";
  button.hidden = operation.outputs.length < 2;
  button.append(makeElement("span", "", "▶"), " Slide");
  button.title = "Slide the window over the whole map";
  button.onclick = () => (root.state.timer ? stop(root) : play(root, operation));
  return button;
}

function play(root, operation) {
  const [height, width] = operation.outputShape;
  const [row, column] = root.state.place;
  let place = row * width + column;
  root.querySelector(".play span").textContent = "❚❚";
  const pause = Math.max(60, Math.min(400, 12_000 / (height * width)));
  root.state.timer = setInterval(() => {
    place = (place + 1) % (height * width);
    showPixel(root, operation, Math.floor(place / width), place % width);
  }, pause);
}

function stop(root) {
  clearInterval(root.state.timer);
  root.state.timer = null;
  const sign = root.querySelector(".play span");
  if (sign) sign.textContent = "▶";
}
