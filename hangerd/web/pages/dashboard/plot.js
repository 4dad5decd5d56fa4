// A small plot of the last 15 minutes: a line over a filled ground, from 0 to the highest value.

import { say } from './dom.js';

const SVG = 'http://www.w3.org/2000/svg';
const HEIGHT = 40;

/** Make a plot; `name` says what it shows, `format` how its numbers are read. */
export class Plot {
  constructor(name, format) {
    this.#name = name;
    this.#format = format;
    this.#ground = part('path', { class: 'ground' });
    this.#line = part('path', { class: 'line', 'vector-effect': 'non-scaling-stroke' });
    this.#title = part('title', {});
    const svg = part('svg', { class: 'plot', role: 'img', preserveAspectRatio: 'none' });
    svg.append(this.#title, this.#ground, this.#line);
    this.element = svg;
  }

  #name;
  #format;
  #ground;
  #line;
  #title;

  draw(values) {
    const known = values.filter((value) => value !== null);
    const highest = known.reduce((most, value) => Math.max(most, value), 0);
    const width = Math.max(1, values.length - 1);
    const y = (value) => (HEIGHT - 1 - (highest ? (value / highest) * (HEIGHT - 3) : 0)).toFixed(1);
    let line = '';
    let ground = '';
    for (const [begin, end] of stretches(values)) {
      const points = values.slice(begin, end).map((value, at) => `${begin + at} ${y(value)}`);
      // A single point would have no length.
      line += `M${points.join('L')}${points.length === 1 ? 'h0.01' : ''}`;
      ground += `M${begin} ${HEIGHT}L${points.join('L')}L${end - 1} ${HEIGHT}Z`;
    }
    this.element.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
    this.#line.setAttribute('d', line);
    this.#ground.setAttribute('d', ground);
    const told = known.length ? `at most ${this.#format(highest)}` : 'nothing yet';
    say(this.#title, `${this.#name}, the last 15 minutes: ${told}`);
  }
}

function* stretches(values) {
  let begin = null;
  for (let at = 0; at <= values.length; at += 1) {
    const there = at < values.length && values[at] !== null;
    if (there && begin === null) begin = at;
    if (!there && begin !== null) {
      yield [begin, at];
      begin = null;
    }
  }
}

function part(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
