// React components for scripts/react.py. Edit this file and reload the page: a fresh process takes over.

const { createElement: h, version } = require('react');
const { renderToStaticMarkup } = require('react-dom/server');

const COLUMNS = { name: 'Name', distance: 'Distance (1000 km)', period: 'Period (days)', found: 'Found' };
let pages = 0;

function Moons({ moons, by }) {
  const before = (a, b) => (a[by] > b[by] ? 1 : -1);
  const rows = [...moons].sort(before).map((moon) => h(Row, { key: moon.name, moon }));
  return h('table', null,
    h('caption', null, `Moons of Jupiter, by ${by}`),
    h('thead', null, h('tr', null, Object.keys(COLUMNS).map((key) => h(Heading, { key, column: key, by })))),
    h('tbody', null, rows));
}

function Heading({ column, by }) {
  const sorted = column === by ? 'ascending' : undefined;
  return h('th', { scope: 'col', 'aria-sort': sorted }, h('a', { href: `?by=${column}` }, COLUMNS[column]));
}

function Row({ moon }) {
  return h('tr', null, Object.keys(COLUMNS).map((key) => h('td', { key }, moon[key])));
}

module.exports = {
  functions: {
    page({ moons, by }) {
      const began = performance.now();
      const table = renderToStaticMarkup(h(Moons, { moons, by: Object.hasOwn(COLUMNS, by) ? by : 'distance' }));
      const took = (performance.now() - began).toFixed(1);
      return `${table}<p>Page ${++pages} of this process, by React ${version} in ${took} ms.</p>`;
    },
  },
};
