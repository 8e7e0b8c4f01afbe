// The calculation as a column of lines: what, and how much.

// lines: [{ name, value, kind, note }]; what is shown can be read in full from data-value.
function showLines(section, title, lines) {
  const list = makeElement("dl", "sums");
  for (const line of lines) {
    const name = makeElement("dt", line.kind ?? "", line.name);
    const value = makeElement("dd", line.kind ?? "", showNumber(line.value, 5));
    value.dataset.line = line.key;
    value.dataset.value = line.value;
    list.append(name, value);
  }
  section.replaceChildren(makeElement("h4", "", title), list);
}

// What follows a sum: the bias, where there is one, and the activation.
function finish(sum, { bias, activation }, sumName, given) {
  const lines = [{ key: "sum", name: sumName, value: sum }];
  let before = sum;
  if (bias !== null) {
    before = sum + bias;
    lines.push({ key: "bias", name: "+ bias", value: bias });
  }
  if (activation.name !== "linear") {
    if (bias !== null) lines.push({ key: "before", name: "= before", value: before, kind: "total" });
    const output = activation.known ? FUNCTIONS[activation.name](before, activation.settings) : given;
    lines.push({ key: "output", name: `after ${NAMES[activation.name] ?? activation.name}`, value: output, kind: "output" });
  } else {
    lines.push({ key: "output", name: "= output", value: before, kind: "output" });
  }
  return lines;
}

// A canvas on which keys and pointers choose one of height × width places.
function choosable(canvas, [height, width], label, read, choose) {
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", label);
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * height);
    const column = Math.floor(((event.clientX - box.left) / box.width) * width);
    if (row >= 0 && column >= 0 && row < height && column < width) choose(row, column);
  };
  canvas.onpointermove = at;
  canvas.onpointerdown = at;
  canvas.onkeydown = (event) => {
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const [row, column] = read();
    const [down, right] = steps[event.key];
    choose(Math.min(Math.max(row + down, 0), height - 1), Math.min(Math.max(column + right, 0), width - 1));
  };
}

// A picture as large as `side`, each of its pixels a square, with a frame that can be laid over some of them.
function makePicture(side, height, width) {
  const block = makeElement("div", "picture");
  const canvas = document.createElement("canvas");
  const longest = Math.max(height, width);
  canvas.width = width;
  canvas.height = height;
  block.style.width = `${(side * width) / longest}px`;
  block.style.height = `${(side * height) / longest}px`;
  block.append(canvas, makeElement("i", "frame"));
  return block;
}

function fillPicture(block, picture) {
  block.querySelector("canvas").getContext("2d").drawImage(picture, 0, 0);
}

function framePicture(block, [height, width], top, left, rows, columns) {
  const [first, last] = [Math.max(0, top), Math.min(height, top + rows)];
  const [start, end] = [Math.max(0, left), Math.min(width, left + columns)];
  const frame = block.querySelector(".frame");
  frame.hidden = last <= first || end <= start;
  frame.style.top = `${(100 * first) / height}%`;
  frame.style.height = `${(100 * (last - first)) / height}%`;
  frame.style.left = `${(100 * start) / width}%`;
  frame.style.width = `${(100 * (end - start)) / width}%`;
}
