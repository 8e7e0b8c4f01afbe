// A paper's table, rebuilt: a row a network, with what is claimed, what came out, and how the two compare.
// data: { label, figures: [{ key, title, low, high }], rows: [{ name, title, settings: [[name, value]], figures: { key: cell },
//   verdict: { key, label, sentence }, facts: [{ label, text }], whyNot, active: [link], runs: [link],
//   run: { hint }, quick: { hint } }] }
// A cell is { claimed, claimedText, mean, low, high, text, verdict, words }, all numbers 0 to 1 or null;
// a link { id, text, href }.
// Tells: asked, { name, quick } of a training to start; opened, the id of a run to look at.

const MARKS = { reproduced: "✓", above: "▲", below: "▼", unknown: "?" };

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".lab-claims");
  root.tell = setTriggerValue;
  const text = JSON.stringify(data);
  // A rerun that changes nothing must not take the focus away.
  if (root.shown === text) return;
  root.shown = text;
  root.open ??= new Set();
  const focused = parentElement.activeElement?.dataset.place;
  root.style.setProperty("--figures", data.figures.length);
  const list = root.querySelector(".rows");
  list.setAttribute("aria-label", data.label);
  root.querySelector(".head").replaceChildren(...makeHead(data.figures));
  list.replaceChildren(...data.rows.map((row) => makeRow(root, row, data.figures)));
  // What had the focus keeps it, though it is drawn anew.
  if (focused) [...list.querySelectorAll("[data-place]")].find((one) => one.dataset.place === focused)?.focus();
}

function makeHead(figures) {
  const cells = figures.map(({ title, low, high }) => {
    const cell = element("span", title, "figure");
    const ends = element("span", "", "ends");
    ends.append(element("i", percent(low, 0)), element("i", percent(high, 0)));
    cell.append(ends);
    return cell;
  });
  return [element("span", "Network"), ...cells, element("span", "Verdict"), element("span", "Train it yourself")];
}

function makeRow(root, row, figures) {
  const entry = element("li", "", "row");
  const name = element("div", "", "name");
  name.append(element("b", row.title));
  const settings = element("span", "", "settings");
  settings.append(...row.settings.map(([name, value]) => makeSetting(name, value)));
  const details = makeDetails(root, row);
  entry.append(name, ...figures.map((figure) => makeFigure(figure, row.figures[figure.key])));
  entry.append(makeVerdict(row), makeButtons(root, row, details), details);
  if (row.settings.length) entry.insertBefore(settings, details);
  if (row.whyNot) entry.insertBefore(element("div", row.whyNot, "active why"), details);
  if (row.active.length) {
    const active = element("div", "", "active");
    active.append(...row.active.map((link) => makeLink(root, link)));
    entry.insertBefore(active, details);
  }
  return entry;
}

function makeSetting(name, value) {
  const setting = element("span", `${name} `, "setting");
  setting.append(element("b", value));
  return setting;
}

function makeFigure({ title, low, high }, cell) {
  const made = element("div", "", "figure");
  if (!cell || (cell.claimed === null && cell.mean === null)) {
    made.classList.add("empty");
    return made;
  }
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", cell.words);
  made.title = cell.words;
  made.append(element("span", title, "title"));
  const numbers = element("span", "", "numbers");
  numbers.append(element("span", cell.claimedText, "claimed"), element("span", "→", "arrow"), element("span", cell.text, "measured"));
  const axis = element("span", "", "axis");
  const place = (value) => `${(100 * (Math.min(Math.max(value, low), high) - low)) / (high - low)}%`;
  if (cell.mean !== null && cell.high > cell.low) {
    const spread = element("i", "", "spread");
    spread.style.left = place(cell.low);
    spread.style.right = `calc(100% - ${place(cell.high)})`;
    axis.append(spread);
  }
  for (const [kind, value] of [["dot", cell.mean], ["claim", cell.claimed]]) {
    if (value === null) continue;
    const mark = element("i", "", kind);
    mark.style.left = place(value);
    axis.append(mark);
  }
  made.append(numbers, axis);
  return made;
}

function makeVerdict({ verdict }) {
  const chip = element("span", "", `chip ${verdict.key}`);
  const mark = element("span", MARKS[verdict.key] ?? "", "mark");
  mark.setAttribute("aria-hidden", "true");
  chip.append(mark, verdict.label);
  chip.title = verdict.sentence;
  const cell = element("div", "", "verdict");
  cell.append(chip);
  return cell;
}

function makeButtons(root, row, details) {
  const buttons = element("div", "", "buttons");
  const make = (text, place, label, hint) => {
    const button = element("button", text);
    button.type = "button";
    button.title = hint;
    button.dataset.place = `${place} ${row.name}`;
    button.setAttribute("aria-label", label);
    buttons.append(button);
    return button;
  };
  const ask = (quick) => () => root.tell("asked", { name: row.name, quick });
  make("Run it", "run", `Run ${row.title}: ${row.run.hint}`, row.run.hint).addEventListener("click", ask(false));
  make("Quick", "quick", `Run ${row.title} quickly: ${row.quick.hint}`, row.quick.hint).addEventListener("click", ask(true));
  const more = make("⋯", "more", `More about ${row.title}`, "How it was trained, and your runs of it");
  more.className = "more";
  more.setAttribute("aria-expanded", String(root.open.has(row.name)));
  more.addEventListener("click", () => {
    const opens = !root.open.delete(row.name);
    if (opens) root.open.add(row.name);
    details.hidden = !opens;
    more.setAttribute("aria-expanded", String(opens));
  });
  return buttons;
}

function makeDetails(root, row) {
  const details = element("div", "", "details");
  details.hidden = !root.open.has(row.name);
  const facts = document.createElement("dl");
  for (const { label, text } of row.facts) facts.append(element("dt", label), element("dd", text));
  if (row.runs.length) {
    const runs = element("dd", "");
    runs.append(...row.runs.map((link) => makeLink(root, link)));
    facts.append(element("dt", "Runs of it"), runs);
  }
  details.append(facts);
  return details;
}

function makeLink(root, { id, text, href }) {
  const link = element("a", text, "run");
  link.href = href;
  link.addEventListener("click", (event) => {
    // A new tab is the browser's affair; here the page changes without being loaded anew.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    root.tell("opened", id);
  });
  return link;
}

function percent(share, digits) {
  return `${(100 * share).toFixed(digits)}%`;
}

function element(tag, text, className = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}
