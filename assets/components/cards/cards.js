// Items as cards: the picture, what it is, what the network took it for, and its ten probabilities as bars.
// Python sends one packet: 4 bytes with the header's length (little endian), a JSON header, n × 28 × 28 grey values.
// Header: { classes: [{ name, color }], cards: [{ label, predicted, where, probabilities }] }

const SIDE = 28;

export default function ({ parentElement, data }) {
  const bytes = new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const { classes, cards } = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const pixels = bytes.subarray(4 + length);
  const list = parentElement.querySelector(".cards");
  list.replaceChildren(
    ...cards.map((card, position) =>
      makeCard(card, classes, pixels.subarray(position * SIDE * SIDE, (position + 1) * SIDE * SIDE)),
    ),
  );
}

function makeCard(card, classes, pixels) {
  const { label, predicted } = card;
  const confidence = percent(card.probabilities[predicted]);
  const verdict = element("b", classes[predicted].name);
  const sentence = element("div", `${classes[label].name}, `, "sentence");
  sentence.append(label === predicted ? "rightly called " : "called ", verdict, ` at ${confidence} `);
  sentence.append(element("span", card.where, "where"));
  const entry = element("li", "", "card");
  entry.append(draw(pixels, `${classes[label].name}, ${card.where}`), makeBars(card, classes), sentence);
  return entry;
}

function draw(pixels, description) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", description);
  const image = new ImageData(SIDE, SIDE);
  pixels.forEach((value, position) => image.data.set([value, value, value, 255], position * 4));
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function makeBars({ label, predicted, probabilities }, classes) {
  const bars = element("dl", "", "bars");
  probabilities.forEach((probability, index) => {
    const role = index === label ? "true" : index === predicted ? "predicted" : "";
    const name = element("dt", classes[index].name, role);
    const track = element("dd", "", role);
    const bar = document.createElement("i");
    bar.style.width = `${100 * probability}%`;
    track.style.setProperty("--color", classes[index].color);
    track.title = `${classes[index].name}: ${percent(probability)}`;
    track.setAttribute("aria-label", percent(probability));
    track.append(bar);
    bars.append(name, track);
  });
  return bars;
}

function element(tag, text, className = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function percent(share) {
  return share > 0.9995 ? "over 99.9 %" : `${(100 * share).toFixed(1)} %`;
}
