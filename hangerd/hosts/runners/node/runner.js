'use strict';
// One instance of a js host: loads the config that `start` names, then serves the daemon and direct callers.

const { Calls } = require('./calls');
const { loadConfig, plainStatus } = require('./config');
const { Connection } = require('./connection');
const { Direct } = require('./direct');
const { describeError } = require('./faults');
const { ProtocolError } = require('./frames');
const { Host } = require('./host');
const { Sources } = require('./sources');
const { jsonPayload } = require('./values');

const PROTOCOL = 1;
const MAX_MESSAGE = 256 * 1024 * 1024; // bytes, until `start` says otherwise
const TICK = 500; // milliseconds between looks at the loop's lag and at files loaded late
const LAST_WORDS = 1000; // milliseconds that a crash may take to reach the daemon

class Runner {
  /** exit(status) ends the process. */
  constructor(socket, listenFd, exit) {
    this.listenFd = listenFd;
    this.exit = exit;
    this.sources = new Sources();
    this.calls = null;
    this.direct = null;
    this.stopping = false;
    this.dying = false;
    this.lag = 0;
    this.daemon = new Connection(
      socket,
      MAX_MESSAGE,
      (header, payload) => this.receive(header, payload),
      (error) => this.abandoned(error),
    );
  }

  receive(header, payload) {
    const { op } = header;
    if (op === 'start' && !this.started) return void this.start(JSON.parse(payload));
    if (op === 'ping') return this.pong(header);
    if (op === 'stop') return void this.stop();
    if (!this.calls) throw new ProtocolError(`"${op}" before ready`);
    if (op === 'call') this.calls.begin(header, payload);
    else if (op === 'cancel') this.calls.cancel(header);
    else if (op === 'credit') this.calls.credit(header);
    else if (op === 'drain') this.direct?.drain();
    else if (op === 'ticket') this.direct?.ticket(header);
    else throw new ProtocolError(`unknown operation "${op}"`);
  }

  async start(settings) {
    this.started = true;
    this.daemon.assembler.limit = settings.max_message ?? MAX_MESSAGE;
    try {
      const { config, esm } = await loadConfig(settings.path);
      this.esm = esm ? settings.path : null;
      this.serve(new Host(config), config);
    } catch (error) {
      this.fail('start', error, { watch: [settings.path, ...this.sources.fresh(settings.path)] });
    }
  }

  serve(host, config) {
    this.calls = new Calls(host, this.daemon, () => !this.stopping);
    if (this.listenFd !== null) {
      const report = (counts) => this.daemon.send({ op: 'direct', ...counts });
      this.direct = new Direct(this.listenFd, host, this.daemon.assembler.limit, report);
    }
    const ready = {
      protocol: PROTOCOL,
      version: process.versions.node,
      pid: process.pid,
      functions: Object.keys(host.functions),
      watch: this.sources.fresh(this.esm),
      status: plainStatus(config),
      inspector: process.features.inspector ? require('inspector').url() : undefined,
    };
    this.daemon.send({ op: 'ready' }, jsonPayload(ready));
    this.tick(performance.now());
  }

  tick(before) {
    setTimeout(() => {
      const now = performance.now();
      this.lag = Math.max(this.lag, (now - before - TICK) / 1000);
      const fresh = this.sources.fresh();
      if (fresh.length) this.daemon.send({ op: 'watch' }, jsonPayload(fresh));
      this.tick(now);
    }, TICK).unref();
  }

  /** `lag`: by how many seconds the loop was late, at worst, since the last pong. */
  pong({ id }) {
    this.daemon.send({ op: 'pong', id, lag: Math.round(this.lag * 1000) / 1000 });
    this.lag = 0;
  }

  async stop() {
    if (this.stopping) return;
    this.stopping = true;
    this.calls?.cancelAll('stopping');
    await this.direct?.stop();
    await this.daemon.finish();
    this.exit(0);
  }

  /** An error that nothing caught: tells everybody, then ends the process. */
  crash(error) {
    process.stderr.write(`${describeError(error).stack}\n`);
    this.fail(this.calls ? 'crash' : 'start', error, {});
  }

  fail(code, error, more) {
    if (this.dying) return;
    this.dying = true;
    this.stopping = true;
    const payload = jsonPayload({ ...describeError(error), ...more });
    this.direct?.broadcast({ op: 'fault', code }, payload);
    this.daemon.send({ op: 'fault', code }, payload);
    setTimeout(() => this.exit(1), LAST_WORDS);
    this.daemon.finish().then(() => this.exit(1));
  }

  abandoned(error) {
    if (error) process.stderr.write(`hangerd: the connection to the daemon failed: ${error.message}\n`);
    this.exit(error ? 1 : 0);
  }
}

module.exports = { Runner };
