// A button that copies the page's address.
// data: { label, without: [names of query parameters to leave out], query: { all of them } or null to take the page's }

const SHOWN_MS = 2000;

export default function ({ parentElement, data }) {
  const button = parentElement.querySelector(".lab-copy");
  if (!button.busy) button.textContent = data.label;
  button.onclick = async () => {
    const address = new URL(window.location.href);
    if (data.query) address.search = new URLSearchParams(data.query);
    data.without.forEach((name) => address.searchParams.delete(name));
    const copied = await copy(address.href, button);
    button.busy = true;
    button.textContent = copied ? "Copied" : "Copy it from the address bar, please";
    setTimeout(() => {
      button.busy = false;
      button.textContent = data.label;
    }, SHOWN_MS);
  };
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page that came neither encrypted nor from this machine has no clipboard, but may still copy what is selected.
    const area = document.createElement("textarea");
    area.value = text;
    area.style.cssText = "position:fixed;opacity:0";
    button.parentNode.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    button.focus();
    return done;
  }
}
