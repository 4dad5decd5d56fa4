'use strict';
// What waits to be written on one connection. Messages of one id keep their order; ids take turns
// frame by frame, so that a large payload does not hold up the others. Knows no socket.

class Outbox {
  constructor() {
    this.lanes = new Map(); // id -> [iterators of frames]; the Map's order is the order of turns
  }

  get empty() {
    return this.lanes.size === 0;
  }

  push(id, frames) {
    const lane = this.lanes.get(id);
    if (lane) lane.push(frames);
    else this.lanes.set(id, [frames]);
  }

  /** The next frame, or null. */
  next() {
    while (this.lanes.size) {
      const [id, lane] = this.lanes.entries().next().value;
      const { done, value } = lane[0].next();
      if (!done) {
        this.lanes.delete(id); // and to the end of the turns
        this.lanes.set(id, lane);
        return value;
      }
      lane.shift();
      if (!lane.length) this.lanes.delete(id);
    }
    return null;
  }
}

module.exports = { Outbox };
