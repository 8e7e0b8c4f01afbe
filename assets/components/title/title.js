/* Writes into the browser's tab how far something is, and the page's own title back when it is over. */
export default function ({ data }) {
  const title = `${data.progress} · ${data.page}`;
  document.title = title;
  return () => {
    // Who has gone to another page has its title by now.
    if (document.title === title) document.title = data.page;
  };
}
