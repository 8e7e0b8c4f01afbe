// One operation of a network, done again in the browser: point at an output, and see what it is made of.
// Python sends one packet: header, then float32 values (see readMaps, readUnits).
// Header: { version, mode: "map" | "units", fromTitle, toTitle, activation: { name, settings, known }, … }

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".lab-operation");
  const [header, bytes] = readPacket(data);
  const state = (root.state ??= {});
  if (state.version === header.version) return undefined;
  stop(root);
  state.version = header.version;
  // A copy, as floats must begin at a multiple of four.
  const floats = new Float32Array(bytes.slice().buffer);
  root.dataset.mode = header.mode;
  if (header.mode === "units") showUnits(root, readUnits(header, floats));
  else showMap(root, readMaps(header, floats));
  root.dataset.state = "ready";
  return () => root.isConnected || stop(root);
}

function showUnits(root, operation) {
  buildUnits(root, operation);
  showUnit(root, operation, operation.unit);
}

function showMap(root, operation) {
  const [height, width] = operation.outputShape;
  const shape = `${height} ${width}`;
  // Other channels of a layer are looked at where the last one was.
  if (root.state.shape !== shape) {
    const sizes = operation.outputs.map(Math.abs);
    const strongest = sizes.indexOf(Math.max(...sizes));
    root.state.place = [Math.floor(strongest / width), strongest % width];
    root.state.shape = shape;
  }
  buildMaps(root, operation);
  showPixel(root, operation, ...root.state.place);
}
