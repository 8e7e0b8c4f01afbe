// Channels of a layer as small pictures; a click, Space or Enter silences one or lets it be heard again.
// Python sends one packet: 4 bytes with the header's length (little endian), a JSON header, n × height × width values of
// -127 to 127.
// Header: { label, version, width, height, titles: [text], numbers: [text], silenced: [number], revision }
// Tells: operated, { count, revision, silenced }, all that is silenced; channels are counted from 0 here.
// Painted with shared/paint.js.

const LARGEST = 127;
const AGAIN_MS = 2000;

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".lab-surgery");
  const [header, bytes] = readPacket(data);
  const state = (root.state ??= { sent: [], count: 0, silenced: new Set() });
  state.send = () => {
    clearTimeout(state.timer);
    const silenced = [...state.silenced].sort((one, other) => one - other);
    state.count += 1;
    state.sent.push(silenced.join());
    setStateValue("operated", { count: state.count + Date.now(), revision: state.revision, silenced });
    // Of quick clicks the last one may get lost on its way.
    state.timer = setTimeout(() => state.sent.length && state.send(), AGAIN_MS);
  };
  if (state.version !== header.version) draw(root, header, new Int8Array(bytes.slice().buffer));
  state.version = header.version;
  const fresh = state.revision !== header.revision;
  if (fresh) state.sent = [];
  state.revision = header.revision;
  // What Python says may be the echo of an earlier click: nothing is news while a later one is under way.
  state.sent.splice(0, state.sent.lastIndexOf(header.silenced.join()) + 1);
  if (state.sent.length) return;
  clearTimeout(state.timer);
  state.silenced = new Set(header.silenced);
  mark(root);
}

function draw(root, { label, width, height, titles, numbers }, values) {
  root.setAttribute("aria-label", label);
  const isDense = width * height === 1;
  root.classList.toggle("dense", isDense);
  root.style.setProperty("--smallest", isDense ? "24px" : "52px");
  root.replaceChildren(
    ...titles.map((title, channel) => {
      const button = makeElement("button", "channel");
      button.type = "button";
      button.title = title;
      button.setAttribute("aria-label", title);
      button.tabIndex = channel ? -1 : 0;
      const number = makeElement("div", "number", numbers[channel]);
      number.setAttribute("aria-hidden", "true");
      const picture = paintPicture(values, channel * width * height, height, width, LARGEST);
      button.append(picture, number);
      return button;
    }),
  );
  root.onclick = (event) => toggle(root, event.target.closest(".channel"));
  root.onkeydown = (event) => walk(root, event);
}

function toggle(root, button) {
  if (!button) return;
  const channel = [...root.children].indexOf(button);
  const { silenced } = root.state;
  if (!silenced.delete(channel)) silenced.add(channel);
  mark(root);
  root.state.send();
}

function mark(root) {
  [...root.children].forEach((button, channel) =>
    button.setAttribute("aria-pressed", root.state.silenced.has(channel)),
  );
}

function walk(root, event) {
  const across = getComputedStyle(root).gridTemplateColumns.split(" ").length;
  const buttons = [...root.children];
  const position = buttons.indexOf(event.target.closest(".channel"));
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across };
  const places = { Home: 0, End: buttons.length - 1 };
  const target = buttons[places[event.key] ?? position + steps[event.key]];
  if (!target) return;
  event.preventDefault();
  buttons[position].tabIndex = -1;
  target.tabIndex = 0;
  target.focus();
}
