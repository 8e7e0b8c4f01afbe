// The layers of a network in a list: a click opens one, buttons and keys move, double and remove it, the mouse drags it.
// data: { label, selected, done, rows: [{ title, words, shape, parameters, color, state, reason, fixed }] }: the pixels
// first and the softmax layer last, both fixed; state is "fits", "bad" or "after". Layers are counted from 0 after the
// pixels. What is asked for is numbered and sent until `done` says that it has been answered, as Python may hear only
// of one of two events that follow each other quickly.

const PATIENCE_MS = 1500;

const TOOLS = [
  { act: "up", name: "Move up", drawing: "M8 13V3M3.5 7.5 8 3l4.5 4.5" },
  { act: "down", name: "Move down", drawing: "M8 3v10M3.5 8.5 8 13l4.5-4.5" },
  { act: "duplicate", name: "Duplicate", drawing: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" },
  { act: "remove", name: "Remove", drawing: "M4 4l8 8M12 4l-8 8" },
];

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".lab-layers");
  const list = root.querySelector(".rows");
  list.setAttribute("aria-label", data.label);
  root.asked = (root.asked ?? []).filter(({ number }) => number > data.done);
  root.number = Math.max(root.number ?? 0, data.done);
  root.tell = (act, position, target = position) => {
    root.number += 1;
    root.asked.push({ number: root.number, act, position, target });
    send(root);
  };
  root.send = () => setTriggerValue("edits", root.asked);
  draw(root, list, data, parentElement);
  wait(root);
  return () => clearTimeout(root.waiting);
}

function send(root) {
  root.send();
  wait(root);
}

function wait(root) {
  clearTimeout(root.waiting);
  if (root.asked.length) root.waiting = setTimeout(() => send(root), PATIENCE_MS);
}

function draw(root, list, data, parentElement) {
  const text = JSON.stringify({ ...data, done: 0 });
  if (root.shown === text) return;
  const focused = parentElement.activeElement?.dataset.act;
  const scroll = list.scrollTop;
  root.shown = text;
  list.replaceChildren(...data.rows.map((row, index) => makeRow(root, data, row, index - 1)));
  list.scrollTop = scroll;
  const selected = list.querySelector(".row.selected");
  if (selected && root.selected !== data.selected) reveal(list, selected);
  root.selected = data.selected;
  // Who works by keyboard stays where they were, on the layer that they have just moved.
  if (focused) {
    const place = selected ?? list.querySelectorAll(".row")[1];
    (place.querySelector(`[data-act=${focused}]:enabled`) ?? place.querySelector("[data-act=select]"))?.focus();
  }
}

function reveal(list, row) {
  const top = row.offsetTop - list.offsetTop;
  if (top < list.scrollTop) list.scrollTop = top - 6;
  const below = top + row.offsetHeight - list.clientHeight;
  if (below > list.scrollTop) list.scrollTop = below + 6;
}

function makeRow(root, data, row, position) {
  const count = data.rows.length - 2;
  const entry = element("li", "", `row ${row.state}`);
  entry.style.setProperty("--color", row.color);
  entry.classList.toggle("end", row.fixed);
  entry.classList.toggle("selected", position === data.selected);
  const open = element(row.fixed ? "div" : "button", "", "open");
  const main = element("span", "");
  main.append(element("span", row.title, "title"));
  if (row.words) main.append(element("br", ""), element("span", row.words, "words"));
  const figures = element("span", row.shape, "figures");
  if (row.parameters) figures.append(element("br", ""), row.parameters);
  open.append(element("span", row.fixed ? "" : position + 1, "number"), main, figures);
  if (row.reason) open.append(element("span", row.reason, "reason"));
  entry.append(open);
  if (row.fixed) return entry;
  open.dataset.act = "select";
  open.setAttribute("aria-pressed", position === data.selected);
  open.tabIndex = position === (data.selected ?? 0) ? 0 : -1;
  open.onclick = () => root.tell("select", position);
  open.onkeydown = (event) => onKey(event, root, position, count);
  entry.append(makeTools(root, row, position, data));
  makeDraggable(root, entry, position);
  return entry;
}

function makeTools(root, row, position, data) {
  const tools = element("span", "", "tools");
  for (const { act, name, drawing } of TOOLS) {
    const button = element("button", "");
    button.dataset.act = act;
    button.title = name;
    button.setAttribute("aria-label", `${name}: layer ${position + 1}, ${row.title}`);
    button.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${drawing}"/></svg>`;
    button.disabled = (act === "up" && position === 0) || (act === "down" && position === data.rows.length - 3);
    button.tabIndex = position === data.selected ? 0 : -1;
    button.onclick = () => root.tell(act, position);
    tools.append(button);
  }
  return tools;
}

function onKey(event, root, position, count) {
  const { key, altKey, ctrlKey, metaKey, shiftKey } = event;
  const step = { ArrowUp: -1, ArrowDown: 1 }[key];
  let act = null;
  if (step && altKey) act = step < 0 ? "up" : "down";
  else if (step && position + step >= 0 && position + step < count) {
    root.querySelectorAll(".row")[position + 1 + step].querySelector(".open").focus();
    root.tell("select", position + step);
    event.preventDefault();
    return;
  } else if (key === "Delete" || key === "Backspace") act = "remove";
  else if (key === "d" && !ctrlKey && !metaKey) act = "duplicate";
  else if (key.toLowerCase() === "z" && (ctrlKey || metaKey)) act = shiftKey ? "redo" : "undo";
  else if (key === "y" && ctrlKey) act = "redo";
  if (!act) return;
  event.preventDefault();
  root.tell(act, position);
}

function makeDraggable(root, entry, position) {
  const isBelow = (event) => {
    const box = entry.getBoundingClientRect();
    return event.clientY > box.top + box.height / 2;
  };
  entry.draggable = true;
  entry.ondragstart = (event) => {
    root.dragged = position;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  };
  entry.ondragend = () => {
    root.dragged = undefined;
  };
  entry.ondragover = (event) => {
    if (root.dragged === undefined) return;
    event.preventDefault();
    entry.classList.add("over");
    entry.classList.toggle("below", isBelow(event));
  };
  entry.ondragleave = () => entry.classList.remove("over", "below");
  entry.ondrop = (event) => {
    event.preventDefault();
    entry.classList.remove("over", "below");
    if (root.dragged === undefined) return;
    // The place among the layers that stay.
    const gap = position + (isBelow(event) ? 1 : 0);
    root.tell("move", root.dragged, gap > root.dragged ? gap - 1 : gap);
  };
}

function element(tag, text, className = "") {
  const made = document.createElement(tag);
  if (tag === "button") made.type = "button";
  if (className) made.className = className;
  if (text !== "") made.textContent = text;
  return made;
}
