'use strict';
// The host object that a config and its functions see: functions, config, logger, addFunction.
// What js-host offers of Express (this.req, this.res, host.app) is not there.

const { format } = require('util');

const { statusOf } = require('./config');

/** A named function of a host. */
class Func {
  constructor(name, handler) {
    if (typeof name !== 'string' || !name.length) throw new Error(`"${name}" is not a valid function name`);
    if (typeof handler !== 'function') throw new Error('Function handlers must be functions');
    this.name = name;
    this.handler = handler;
  }
}

class Host {
  constructor(config) {
    this.config = config;
    this.functions = Object.create(null);
    this.logger = config.logger || createLogger(config.silent);
    for (const [name, handler] of Object.entries(config.functions || {})) this.addFunction(name, handler);
    if (config.extendHost) config.extendHost(this);
  }

  addFunction(name, handler) {
    if (this.functions[name] !== undefined) {
      throw new Error(`A function has already been defined with the name "${name}"`);
    }
    this.functions[name] = new Func(name, handler);
    return this.functions[name];
  }

  getStatus() {
    return statusOf(this.config);
  }

  getSerializableConfig() {
    return this.getStatus().config;
  }

  getAddress() {
    return `${this.config.address}:${this.config.port}`;
  }

  getUrl() {
    return `http://${this.getAddress()}`;
  }
}

/** Standard output for what is well, standard error for the rest: both are the host's log. */
function createLogger(silent) {
  const to = (stream, level) => (...parts) => {
    if (!silent) stream.write(`${level}: ${format(...parts)}\n`);
  };
  return {
    debug: to(process.stdout, 'debug'),
    info: to(process.stdout, 'info'),
    log: (level, ...parts) => to(process.stdout, level)(...parts),
    warn: to(process.stderr, 'warn'),
    error: to(process.stderr, 'error'),
  };
}

module.exports = { Func, Host };
