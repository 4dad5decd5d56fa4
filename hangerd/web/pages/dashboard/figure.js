// One number with its name, a remark, and a plot of what it was.

import { el, say } from './dom.js';
import { Plot } from './plot.js';

export class Figure {
  /** `series` is what the plot shows, if it has one; `format` how numbers of it are read. */
  constructor(name, series, format) {
    this.#series = series;
    this.#plot = series ? new Plot(name, format) : null;
    this.element = el(
      'div',
      { class: 'figure' },
      el('dt', {}, name),
      (this.#value = el('dd', { class: 'value' })),
      (this.#remark = el('dd', { class: 'remark' })),
      this.#plot && el('dd', { class: 'plotted' }, this.#plot.element),
    );
  }

  #series;
  #plot;
  #value;
  #remark;

  show(value, remark = '') {
    say(this.#value, value);
    say(this.#remark, remark);
  }

  draw(model) {
    this.#plot?.draw(model.values(this.#series));
  }
}
