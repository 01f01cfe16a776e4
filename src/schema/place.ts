/**
 * Where the walk is: a list of keys, innermost first. Pointers are spelled only for findings, so
 * that a value without findings costs one small object for each field and list item.
 */
export class Place {
  static readonly root = new Place(null, '');
  readonly #parent: Place | null;
  readonly #key: string | number;

  private constructor(parent: Place | null, key: string | number) {
    this.#parent = parent;
    this.#key = key;
  }

  child(key: string | number): Place {
    return new Place(this, key);
  }

  /** RFC 6901. */
  get pointer(): string {
    if (this.#parent === null) return '';
    const key = String(this.#key).replace(/~/g, '~0').replace(/\//g, '~1');
    return `${this.#parent.pointer}/${key}`;
  }
}
