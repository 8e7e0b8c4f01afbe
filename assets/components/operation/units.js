// How a unit comes about: its largest terms, what the others add up to, bias and activation; for a softmax the shares.

function readUnits(header, floats) {
  const { explained, terms, hasBias, total } = header;
  let start = 0;
  const take = (length) => floats.subarray(start, (start += length));
  const sizes = { units: explained, places: explained * terms, values: explained * terms, weights: explained * terms };
  const parts = Object.fromEntries(Object.entries(sizes).map(([name, length]) => [name, take(length)]));
  const rest = take(explained);
  const bias = hasBias ? take(explained) : null;
  return { ...header, ...parts, rest, bias, before: take(total), outputs: take(total) };
}

function buildUnits(root, operation) {
  const from = root.querySelector(".from");
  from.classList.remove("single");
  from.replaceChildren(makeElement("h4", "", operation.fromTitle), makeElement("div", "terms"));
  const to = root.querySelector(".to");
  to.replaceChildren(makeElement("h4", "", operation.toTitle));
  if (operation.classes) to.append(makeShares(root, operation));
  else to.append(...makeUnitGrid(root, operation));
}

function makeUnitGrid(root, operation) {
  const { total, outputs } = operation;
  const across = Math.ceil(Math.sqrt(total));
  const down = Math.ceil(total / across);
  const padded = new Float32Array(across * down);
  padded.set(outputs);
  const picture = makePicture(Math.min(240, 26 * across), down, across);
  fillPicture(picture, paintPicture(padded, 0, down, across, largestOf(outputs)));
  const where = makeElement("span", "where");
  where.setAttribute("role", "status");
  const foot = makeElement("div", "foot");
  foot.append(where);
  operation.grid = [down, across];
  const label = `${operation.toTitle}. Arrow keys walk over its ${total} units.`;
  const read = () => [Math.floor(root.state.unit / across), root.state.unit % across];
  choosable(picture.querySelector("canvas"), operation.grid, label, read, (row, column) => {
    const unit = row * across + column;
    if (unit < total) showUnit(root, operation, unit);
  });
  return [picture, foot];
}

function makeShares(root, operation) {
  const table = makeElement("div", "shares");
  table.setAttribute("role", "listbox");
  table.setAttribute("aria-label", "The ten classes: logit, exponential, share");
  const head = makeElement("div", "share head");
  head.setAttribute("role", "presentation");
  head.append(...["", "logit", "exp", "share"].map((text) => makeElement("span", "", text)));
  head.children[2].title = "e to the power of the logit minus the largest logit";
  const most = Math.max(...operation.before);
  const powers = [...operation.before].map((logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  operation.powers = powers;
  operation.powersSum = sum;
  const rows = operation.classes.map(({ name, color }, index) => {
    const row = makeElement("button", "share");
    row.type = "button";
    row.setAttribute("role", "option");
    row.style.setProperty("--color", color);
    row.style.setProperty("--share", `${(100 * powers[index]) / sum}%`);
    const value = makeElement("b", "", `${((100 * powers[index]) / sum).toFixed(2)}%`);
    value.dataset.value = powers[index] / sum;
    row.append(
      makeElement("span", "class", name),
      makeElement("span", "", showNumber(operation.before[index])),
      makeElement("span", "", powers[index] < 0.00005 ? "≈ 0" : powers[index].toFixed(4)),
      value,
    );
    row.onpointerenter = row.onfocus = row.onclick = () => showUnit(root, operation, index);
    return row;
  });
  table.onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    rows[Math.min(Math.max(root.state.unit + step, 0), rows.length - 1)].focus();
  };
  table.append(head, ...rows);
  return table;
}

function showUnit(root, operation, unit) {
  root.state.unit = unit;
  const position = operation.units.indexOf(unit);
  if (position >= 0) showTerms(root, operation, position);
  else root.querySelector(".terms").replaceChildren(makeElement("p", "", "Open this unit in the strip to see its terms."));
  showLines(root.querySelector(".lines"), operation.names?.[unit] ?? `Unit ${unit}`, unitLines(operation, unit, position));
  root.querySelectorAll(".share[role=option]").forEach((row, index) => {
    row.setAttribute("aria-selected", index === unit);
    row.tabIndex = index === unit ? 0 : -1;
  });
  if (!operation.grid) return;
  const [down, across] = operation.grid;
  framePicture(root.querySelector(".to .picture"), [down, across], Math.floor(unit / across), unit % across, 1, 1);
  root.querySelector(".where").textContent = `Unit ${unit}: ${showNumber(operation.outputs[unit], 4)}`;
}

function termsOf(operation, position) {
  const start = position * operation.terms;
  return Array.from({ length: operation.terms }, (_, step) => {
    const [place, value, weight] = ["places", "values", "weights"].map((name) => operation[name][start + step]);
    return { name: placeName(operation, place), value, weight, product: value * weight };
  });
}

// Where an input stands, in its map if it comes from flattened maps.
function placeName({ sourceShape }, place) {
  if (sourceShape.length < 3) return `unit ${place}`;
  const [, width, channels] = sourceShape;
  const pixel = Math.floor(place / channels);
  return `channel ${place % channels}, row ${Math.floor(pixel / width)}, column ${pixel % width}`;
}

function showTerms(root, operation, position) {
  const terms = termsOf(operation, position);
  const rest = operation.rest[position];
  const left = operation.inputs - operation.terms;
  const most = Math.max(...terms.map((term) => Math.abs(term.product))) || 1;
  const rows = terms.map((term) =>
    makeTerm(term.name, `${showNumber(term.value)} × ${showNumber(term.weight)}`, term.product, most),
  );
  if (left > 0) rows.push(makeTerm(`${left.toLocaleString("en")} other inputs`, "", rest, most));
  root.querySelector(".terms").replaceChildren(...rows);
}

function makeTerm(name, product, value, most) {
  const row = makeElement("div", "term");
  const track = makeElement("i", value < 0 ? "below" : "above");
  track.style.setProperty("--length", `${Math.min((50 * Math.abs(value)) / most, 50)}%`);
  // The sum of many others may be far larger than any one of those shown.
  track.classList.toggle("beyond", Math.abs(value) > most);
  row.append(makeElement("span", "name", name), makeElement("span", "product", product), track);
  row.append(makeElement("b", "", showNumber(value)));
  return row;
}

function unitLines(operation, unit, position) {
  const output = operation.outputs[unit];
  if (position < 0) {
    return [
      { key: "before", name: "before", value: operation.before[unit] },
      { key: "output", name: "output", value: output, kind: "output" },
    ];
  }
  const terms = termsOf(operation, position).reduce((sum, term) => sum + term.product, 0) + operation.rest[position];
  const bias = operation.bias ? operation.bias[position] : null;
  const name = operation.inputs > 1 ? `sum of ${operation.inputs.toLocaleString("en")}` : operation.sumName;
  if (!operation.classes) return finish(terms, { bias, activation: operation.activation }, name, output);
  const logit = terms + (bias ?? 0);
  const lines = finish(terms, { bias, activation: { name: "linear" } }, name, null).slice(0, -1);
  lines.push({ key: "before", name: "= logit", value: logit, kind: "total" });
  lines.push({ key: "power", name: "exp(logit − largest)", value: operation.powers[unit] });
  lines.push({ key: "powers", name: "… of all ten", value: operation.powersSum });
  lines.push({ key: "output", name: "share", value: operation.powers[unit] / operation.powersSum, kind: "output" });
  return lines;
}
