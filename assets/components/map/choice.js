// Which points are selected: a byte for each, 1 if it is, and how many they are.

class Choice {
  constructor(n) {
    this.mask = new Uint8Array(n);
    this.count = 0;
  }

  add(position) {
    this.count += 1 - this.mask[position];
    this.mask[position] = 1;
  }

  has(position) {
    return this.mask[position] === 1;
  }

  /** The same items in another layout; null if they are none or all of it, which would say nothing. */
  carry(from, to) {
    const carried = new Choice(to.n);
    for (let i = 0; i < to.n; i++) {
      const position = from.find(to.itemAt(i));
      if (position >= 0 && this.has(position)) carried.add(i);
    }
    return carried.count && carried.count < to.n ? carried : null;
  }

  /** A bit for each point, lowest first, in base64. */
  encode() {
    const bytes = new Uint8Array(Math.ceil(this.mask.length / 8));
    this.mask.forEach((bit, i) => (bytes[i >> 3] |= bit << (i & 7)));
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(text);
  }
}

/** Something that the browser and Python both can change. */
class Shared {
  constructor() {
    this.told = [];
    this.last = undefined;
  }

  tell(value) {
    this.last = JSON.stringify(value);
    this.told.push(this.last);
  }

  /** What Python says may be the echo of something told earlier: nothing is news while more of that is under way. */
  isNews(value) {
    const text = JSON.stringify(value);
    this.told.splice(0, this.told.indexOf(text) + 1);
    const isNews = !this.told.length && text !== this.last;
    if (isNews) this.last = text;
    return isNews;
  }
}
