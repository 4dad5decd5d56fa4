// A screen as page elements, drawn once a frame however much was printed; it follows the end unless the reader has
// scrolled up. The line being typed stands at the cursor.

/** @typedef {import('./line.js').Line} Line */

const NEAR = 24; // pixels from the end that still count as the end
const BATCH = 500; // rows made in a frame: far more than a window shows

export class ScreenView {
  #screen;
  #rows = new WeakMap();
  #from = 0; // the numbers of the lines that have rows
  #to = 0;
  #wanted = false;
  #prompt = null;
  #following = true;

  /**
   * @param {HTMLElement} place gets the view's elements @param {import('./screen.js').Screen} screen
   * @param {() => void} [drawn] called after each drawing
   */
  constructor(place, screen, drawn = () => {}) {
    this.#screen = screen;
    this.drawn = drawn;
    this.gone = made('p', 'gone');
    this.gone.hidden = true;
    this.body = made('div', 'lines');
    this.scroller = made('div', 'scroller');
    Object.assign(this.scroller, { tabIndex: 0, role: 'region', ariaLabel: 'Output' });
    this.scroller.append(this.gone, this.body);
    this.down = made('button', 'down', 'More below');
    this.down.type = 'button';
    this.down.hidden = true;
    place.append(this.scroller, this.down);
    this.scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.down.addEventListener('click', () => this.follow());
    new ResizeObserver(() => this.#following && this.#toEnd()).observe(this.scroller);
  }

  /** Show another screen. @param {import('./screen.js').Screen} screen */
  show(screen) {
    this.#screen = screen;
    this.#from = this.#to = 0;
    this.body.replaceChildren();
    this.follow();
    this.draw();
  }

  /** Draw at the next frame, or soon if the page is hidden and has no frames. */
  refresh() {
    if (this.#wanted) return;
    this.#wanted = true;
    nextFrame(() => this.#wanted && this.draw());
  }

  /** Draw what has changed. */
  draw() {
    this.#wanted = false;
    const { changed, dropped } = this.#screen;
    const added = this.#drawRows();
    for (const line of changed) if (this.#rows.has(line)) fill(this.#rows.get(line), line);
    changed.clear();
    if (added < BATCH && this.#from > dropped) this.#drawAbove();
    this.gone.hidden = dropped === 0;
    if (dropped) this.gone.textContent = `${dropped.toLocaleString('en')} older lines are no longer kept.`;
    this.#placePrompt();
    if (this.#following) this.#toEnd();
    else this.down.hidden = false;
    this.drawn();
  }

  /** Put an element at the cursor, until another or null is put there. @param {HTMLElement | null} prompt */
  ask(prompt) {
    if (prompt !== this.#prompt) this.#prompt?.remove();
    this.#prompt = prompt;
    if (prompt) this.follow();
    this.draw();
  }

  /** Go to the end, and stay there. */
  follow() {
    this.#following = true;
    this.down.hidden = true;
    this.#toEnd();
  }

  /** Let rows go whose lines went, and add those of new lines; in a flood only as many as can be seen at all. */
  #drawRows() {
    const { lines, dropped } = this.#screen;
    const end = dropped + lines.length;
    const added = end - this.#to;
    if (this.#to <= dropped || (this.#following && added > BATCH)) {
      this.body.replaceChildren();
      this.#from = this.#to = Math.max(dropped, end - BATCH);
    }
    for (; this.#from < dropped; this.#from += 1) this.body.firstChild.remove();
    this.body.append(this.#made(this.#to, end));
    this.#to = end;
    return added;
  }

  /** Add rows that a flood left out, some at each frame. */
  #drawAbove() {
    const from = Math.max(this.#screen.dropped, this.#from - BATCH);
    this.body.prepend(this.#made(from, this.#from));
    this.#from = from;
    this.refresh();
  }

  /** The rows of some lines, by their numbers. */
  #made(from, to) {
    const rows = document.createDocumentFragment();
    const { lines, dropped } = this.#screen;
    for (let at = from; at < to; at += 1) rows.append(this.#row(lines[at - dropped]));
    return rows;
  }

  #row(line) {
    const row = made('div', line.continued ? 'line continued' : 'line');
    fill(row, line);
    this.#rows.set(line, row);
    return row;
  }

  #placePrompt() {
    if (!this.#prompt || this.#prompt.classList.contains('resting')) return;
    const row = this.#rows.get(this.#screen.current);
    if (this.#prompt.parentElement === row) return;
    const focused = this.#prompt.contains(document.activeElement) ? document.activeElement : null;
    row.append(this.#prompt);
    focused?.focus({ preventScroll: true });
  }

  #toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.#following = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.#following) this.down.hidden = true;
  }
}

/** Write a line's stretches into its row. @param {HTMLElement} row @param {Line} line */
function fill(row, line) {
  const parts = line.stretches.map(({ text, style }) => {
    if (!style.classes && !style.front && !style.back) return text;
    const span = made('span', style.classes, text);
    if (style.front) span.style.color = style.front;
    if (style.back) span.style.backgroundColor = style.back;
    return span;
  });
  const prompt = row.querySelector('.prompt'); // which would lose the focus if it were moved
  while (row.firstChild !== prompt) row.firstChild.remove();
  row.prepend(...parts);
}

/** Call at the next frame; a hidden page has no frames, but goes on. @param {() => void} call */
export function nextFrame(call) {
  let timer = 0;
  const frame = requestAnimationFrame(() => (clearTimeout(timer), call()));
  timer = setTimeout(() => (cancelAnimationFrame(frame), call()), 100);
}

/** @param {string} tag @param {string} name its classes @param {string} [text] */
function made(tag, name, text = '') {
  return Object.assign(document.createElement(tag), { className: name, textContent: text });
}
