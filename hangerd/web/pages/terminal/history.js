// The lines that were typed before, oldest first, and a walk through them by Up and Down.

const MOST = 200;

export class History {
  #storage;
  #key;
  #lines;
  #at;
  #draft = '';

  /** @param {Pick<Storage, 'getItem' | 'setItem'>} storage where they are kept @param {string} key under which name */
  constructor(storage, key) {
    this.#storage = storage;
    this.#key = key;
    this.#lines = stored(storage, key);
    this.#at = this.#lines.length;
  }

  /** Keep a line, and begin at the end again. @param {string} line */
  add(line) {
    if (line && line !== this.#lines.at(-1)) this.#lines = [...this.#lines, line].slice(-MOST);
    this.#at = this.#lines.length;
    this.#draft = '';
    try {
      this.#storage.setItem(this.#key, JSON.stringify(this.#lines));
    } catch {
      // A full or forbidden storage: the lines last as long as the page.
    }
  }

  /** The line before (-1) or after (1), null at either end. @param {-1 | 1} step @param {string} shown what is typed now */
  walk(step, shown) {
    const next = this.#at + step;
    if (next < 0 || next > this.#lines.length) return null;
    if (this.#at === this.#lines.length) this.#draft = shown;
    this.#at = next;
    return this.#lines[next] ?? this.#draft;
  }
}

/** @param {Pick<Storage, 'getItem'>} storage @param {string} key @returns {string[]} */
function stored(storage, key) {
  try {
    const lines = JSON.parse(storage.getItem(key) ?? '[]');
    return Array.isArray(lines) ? lines.filter((line) => typeof line === 'string') : [];
  } catch {
    return [];
  }
}
