// Functions of Node for scripts/render.py. Edit this file and reload the page: a fresh process takes over.

const escape = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

module.exports = {
  functions: {
    card: ({ name }) => Promise.resolve(`
      <article class="card">
        <h2>Hello, ${escape(name)}!</h2>
        <p>Rendered by Node ${process.version}, in a process that has run for ${process.uptime().toFixed(1)} s.</p>
      </article>`),
  },
};
