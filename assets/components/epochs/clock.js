// The slider over the epochs, and the button that lets time run.

const WHOLE_MS = 7000; // how long it takes to run through all epochs, within limits
const SHORTEST_MS = 70;
const LONGEST_MS = 450;
const CALM_MS = 700; // for who wants less motion
const QUIET_MS = 200; // Python is told of moves that follow each other no more often than that

class Clock {
  /**
   * @param moved called with the position of each epoch that is passed.
   * @param settled called with a position where somebody stays, or soon after.
   */
  constructor(root, moved, settled) {
    this.button = root.querySelector(".play");
    this.slider = root.querySelector(".moment");
    this.moved = moved;
    this.settled = settled;
    this.told = 0;
    this.slider.addEventListener("input", () => this.move(Number(this.slider.value)));
    // While it is dragged only the release counts.
    this.slider.addEventListener("pointerdown", () => (this.dragged = true));
    this.slider.addEventListener("change", () => {
      this.dragged = false;
      this.tellSoon();
    });
    this.button.addEventListener("click", () => (this.timer ? this.stop() : this.play()));
  }

  get place() {
    return Number(this.slider.value);
  }

  get last() {
    return Number(this.slider.max);
  }

  /** Go to an epoch as the user does. */
  move(place) {
    this.pause();
    this.slider.value = place;
    this.moved(this.place);
    if (!this.dragged) this.tellSoon();
  }

  tellSoon() {
    clearTimeout(this.telling);
    const left = this.told + QUIET_MS - performance.now();
    if (left <= 0) this.tell();
    else this.telling = setTimeout(() => this.tell(), left);
  }

  tell() {
    clearTimeout(this.telling);
    this.told = performance.now();
    this.settled(this.place);
  }

  play() {
    if (this.place === this.last) this.slider.value = 0;
    this.moved(this.place);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const pause = Math.min(Math.max(WHOLE_MS / (this.last + 1), SHORTEST_MS), LONGEST_MS);
    this.timer = setInterval(() => this.tick(), calm ? CALM_MS : pause);
    this.show();
  }

  tick() {
    this.slider.value = this.place + 1;
    this.moved(this.place);
    if (this.place === this.last) this.stop();
  }

  stop() {
    this.pause();
    this.tell();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.show();
  }

  show() {
    this.button.classList.toggle("playing", Boolean(this.timer));
    this.button.title = this.timer ? "Pause" : "Play all epochs";
    this.button.setAttribute("aria-label", this.button.title);
  }

  close() {
    clearInterval(this.timer);
    clearTimeout(this.telling);
  }
}
