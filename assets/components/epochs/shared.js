// What the browser and Python both can change.

/** Something that the browser and Python both can change. */
class Shared {
  told = [];

  sent(value) {
    this.told.push(value);
    this.last = value;
  }

  /** What Python says may be the echo of something told earlier: nothing is news while more of that is under way. */
  isNews(value) {
    this.told.splice(0, this.told.indexOf(value) + 1);
    const isNews = !this.told.length && value !== this.last;
    if (isNews) this.last = value;
    return isNews;
  }
}
