const CHARS_MAX = 256 * 1024;

/** Keeps the end of a stream of text, in bounded memory. */
export class Tail {
  #parts: string[] = [];
  #length = 0;

  add(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
    if (this.#length > 2 * CHARS_MAX) {
      this.#parts = [this.text()];
      this.#length = CHARS_MAX;
    }
  }

  text(): string {
    return this.#parts.join('').slice(-CHARS_MAX);
  }
}
