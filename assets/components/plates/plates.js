// Items as two of the papers show them. "fitch": the picture, beside it ten bars, below in blue or red what it was
// called, how surely, and what it is. "mcnn": dark on white, above it what it is and what it was taken for.
// Python sends one packet: 4 bytes with the header's length (little endian), a JSON header, n × 28 × 28 grey values.
// Header: { classes: [{ name, color }], form, label, cards: [{ label, predicted, where, probabilities }] }
// Tells: picked, the position of an item that somebody wants to look at closer.

export default function ({ parentElement, data, setTriggerValue }) {
  const { text, pixels } = unpack(data);
  const root = parentElement.querySelector(".lab-plates");
  root.tell = (position) => setTriggerValue("picked", position);
  if (root.shown === text) return;
  root.shown = text;
  const { classes, cards, form, label } = JSON.parse(text);
  root.classList.toggle("fitch", form === "fitch");
  root.classList.toggle("mcnn", form === "mcnn");
  const list = root.querySelector(".plates");
  list.setAttribute("aria-label", label);
  list.replaceChildren(
    ...cards.map((card, position) => {
      const parts = form === "fitch" ? fillFitch(card, classes) : fillMcnn(card, classes);
      const plate = element("button", "", `plate ${card.label === card.predicted ? "right" : "wrong"}`);
      plate.type = "button";
      plate.append(draw(pixels, position, ""), ...parts);
      plate.title = say(card, classes);
      plate.setAttribute("aria-label", plate.title);
      plate.addEventListener("click", () => root.tell(position));
      const entry = document.createElement("li");
      entry.append(plate);
      return entry;
    }),
  );
}

function say({ label, predicted, where, probabilities }, classes) {
  const said = label === predicted ? "rightly called" : "called";
  return `${classes[label].name}, ${where}, ${said} ${classes[predicted].name} at ${percent(probabilities[predicted])}`;
}

function fillFitch({ label, predicted, probabilities }, classes) {
  const chart = element("span", "", "chart");
  probabilities.forEach((probability, index) => {
    const part = element("span", "", "part");
    // As in the paper the true class is blue even where another one won.
    if (index === label) part.classList.add("true");
    else if (index === predicted) part.classList.add("false");
    const bar = document.createElement("i");
    bar.style.setProperty("--share", `${100 * probability}%`);
    part.append(bar, element("span", index));
    chart.append(part);
  });
  const line = element("span", "", "line called");
  line.textContent = `${classes[predicted].name} ${percent(probabilities[predicted])} (${classes[label].name})`;
  return [chart, line];
}

function fillMcnn({ label, predicted }, classes) {
  return [
    element("span", `Actual = ${classes[label].name} / ${label}`, "line"),
    element("span", `Predicted = ${classes[predicted].name} / ${predicted}`, "line called"),
  ];
}

function percent(share) {
  return `${Math.round(100 * share)}%`;
}
