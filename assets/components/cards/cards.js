// Items as cards: the picture, what it is, what the network took it for, and its ten probabilities as bars.
// Python sends one packet: 4 bytes with the header's length (little endian), a JSON header, n × 28 × 28 grey values.
// Header: { classes: [{ name, color }], large, pickable, cards: [{ label, predicted, where, probabilities }] }
// Tells: picked, the position of a card that somebody wants to look at closer.

export default function ({ parentElement, data, setTriggerValue }) {
  const { text, pixels } = unpack(data);
  const root = parentElement.querySelector(".lab-cards");
  root.tell = (position) => setTriggerValue("picked", position);
  // A rerun that changes nothing must not take the focus away. The header names every item, so it tells them apart.
  if (root.shown === text) return;
  root.shown = text;
  const { classes, cards, large, pickable } = JSON.parse(text);
  root.classList.toggle("large", large);
  const list = root.querySelector(".cards");
  list.replaceChildren(
    ...cards.map((card, position) => {
      const entry = makeCard(card, classes, draw(pixels, position, `${classes[card.label].name}, ${card.where}`));
      if (pickable) entry.lastChild.append(" ", makeButton(card, classes, () => root.tell(position)));
      return entry;
    }),
  );
}

function makeCard(card, classes, picture) {
  const { label, predicted } = card;
  const confidence = percent(card.probabilities[predicted]);
  const verdict = element("b", classes[predicted].name);
  const sentence = element("div", `${classes[label].name}, `, "sentence");
  sentence.append(label === predicted ? "rightly called " : "called ", verdict, ` at ${confidence} `);
  sentence.append(element("span", card.where, "where"));
  const entry = element("li", "", "card");
  entry.append(picture, makeBars(card, classes), sentence);
  return entry;
}

function makeButton(card, classes, pick) {
  const button = element("button", "Look closer", "closer");
  button.type = "button";
  button.setAttribute("aria-label", `Look closer at ${classes[card.label].name}, ${card.where}`);
  button.addEventListener("click", pick);
  return button;
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

function percent(share) {
  return share > 0.9995 ? "over 99.9%" : `${(100 * share).toFixed(1)}%`;
}
