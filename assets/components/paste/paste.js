// A button that takes pictures from the clipboard; pasting by keyboard anywhere on the page does the same.
// data: { label, edge: pixels of the longest edge that is sent, bytes: size of a file that is sent as it is }
// Tells Python "pasted": [{ name, content: base64 }].

const APPLE = /Mac|iPhone|iPad/.test(navigator.userAgent);
const KEYS = APPLE ? "⌘V" : "Ctrl+V";
const HEAD = 65_536;

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".lab-paste");
  const button = root.querySelector("button");
  button.textContent = data.label;
  root.send = (files) => hand(files, data, (pasted) => setTriggerValue("pasted", pasted));
  button.onclick = () => read(root);
  root.stop?.();
  const listen = (event) => take(root, event);
  document.addEventListener("paste", listen);
  root.stop = () => document.removeEventListener("paste", listen);
  return root.stop;
}

function take(root, event) {
  const [target] = event.composedPath();
  // What is pasted into a text field, or while another tab is in front, is not meant for this.
  if (target.closest?.("input, textarea, [contenteditable]") || !root.getClientRects().length) return;
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length) {
    say(root, "There is no picture in the clipboard.");
    return;
  }
  event.preventDefault();
  say(root, "");
  root.send(files);
}

async function read(root) {
  if (!navigator.clipboard?.read) {
    say(root, `Here the browser keeps the clipboard from pages. Press ${KEYS} instead.`);
    return;
  }
  try {
    const files = [];
    for (const item of await navigator.clipboard.read()) {
      const type = item.types.find((name) => name.startsWith("image/"));
      if (type) files.push(await item.getType(type));
    }
    say(root, files.length ? "" : "There is no picture in the clipboard.");
    if (files.length) root.send(files);
  } catch {
    say(root, `The browser does not allow it. Press ${KEYS} instead.`);
  }
}

async function hand(files, data, tell) {
  const pasted = [];
  for (const file of files) {
    const small = await shrink(file, data);
    pasted.push({ name: file.name || "Pasted picture", content: await encode(small) });
  }
  tell(pasted);
}

// A screenshot of a large screen has more pixels than anything that Python would look at.
async function shrink(file, { edge, bytes }) {
  try {
    const bitmap = await createImageBitmap(file);
    const scale = edge / Math.max(bitmap.width, bitmap.height);
    if (scale >= 1 && file.size <= bytes) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * Math.min(scale, 1)));
    canvas.height = Math.max(1, Math.round(bitmap.height * Math.min(scale, 1)));
    const paper = canvas.getContext("2d");
    paper.imageSmoothingQuality = "high";
    paper.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return await new Promise((done) => canvas.toBlob(done, "image/png"));
  } catch {
    // No picture for this browser: its first bytes are enough to say what it is.
    return file.size <= bytes ? file : file.slice(0, HEAD);
  }
}

function encode(blob) {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = fail;
    reader.readAsDataURL(blob);
  });
}

function say(root, text) {
  root.querySelector("p").textContent = text;
}
