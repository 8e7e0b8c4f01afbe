// A picture on which a frame can be dragged; a mere click takes the frame away.
// data: { source: address, width: in CSS pixels, label, box: [left, top, right, bottom] as shares of the picture }
// Tells Python "framed": a box.

const WHOLE = [0, 0, 1, 1];
const SMALLEST = 0.04;

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".lab-frame");
  const image = root.querySelector("img");
  if (image.src !== data.source) image.src = data.source;
  image.style.width = `${data.width}px`;
  image.alt = data.label;
  root.title = data.label;
  if (!root.start) show(root, data.box);

  root.onpointerdown = (event) => {
    if (!event.isPrimary || event.button) return;
    root.setPointerCapture(event.pointerId);
    root.start = locate(root, event);
    event.preventDefault();
  };
  root.onpointermove = (event) => {
    if (root.start) show(root, span(root.start, locate(root, event)));
  };
  root.onpointerup = (event) => {
    if (!root.start) return;
    const box = span(root.start, locate(root, event));
    root.start = null;
    const framed = box[2] - box[0] < SMALLEST || box[3] - box[1] < SMALLEST ? WHOLE : box;
    show(root, framed);
    setTriggerValue("framed", framed);
  };
  root.onpointercancel = () => {
    root.start = null;
    show(root, data.box);
  };
}

function locate(root, event) {
  const place = root.querySelector("img").getBoundingClientRect();
  const clamp = (share) => Math.min(Math.max(share, 0), 1);
  return [clamp((event.clientX - place.left) / place.width), clamp((event.clientY - place.top) / place.height)];
}

function span([x, y], [u, v]) {
  return [Math.min(x, u), Math.min(y, v), Math.max(x, u), Math.max(y, v)];
}

function show(root, box) {
  const [left, top, right, bottom] = box.map((share) => `${100 * share}%`);
  const style = root.querySelector(".chosen").style;
  style.display = box.every((share, side) => share === WHOLE[side]) ? "none" : "block";
  Object.assign(style, { left, top, width: `calc(${right} - ${left})`, height: `calc(${bottom} - ${top})` });
}
