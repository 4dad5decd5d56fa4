// Reads an event-stream (HTML, 9.2), as far as hangerd writes one: `event` and one line of JSON as `data`.

/** @typedef {{event: string, data: any}} Event */

export class EventReader {
  #rest = '';

  /** The events that this piece of the stream ends. @param {string} piece @returns {Event[]} */
  feed(piece) {
    this.#rest += piece;
    if (!piece.includes('\n')) return []; // amid a long line; to look at all of it each time would take for ever
    const blocks = this.#rest.split('\n\n');
    this.#rest = blocks.pop();
    return blocks.map(read).filter((event) => event !== null);
  }
}

/** @param {string} block @returns {Event | null} null for a comment, which shows that the connection lives */
function read(block) {
  const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s, 2)));
  return fields.event ? { event: fields.event, data: JSON.parse(fields.data) } : null;
}
