'use strict';
// A host.config.js as js-host 0.12 reads it: what a file must export, the defaults, what a status shows.

const { pathToFileURL } = require('url');
const { types } = require('util');

const VERSION = '0.12.0'; // the js-host whose contract this is
const DEFAULTS = {
  functions: null,
  address: '127.0.0.1',
  port: '9009',
  logger: null,
  silent: false,
  outputOnListen: true,
  requestDataLimit: '10mb',
};
const HIDDEN = new Set(['logger', 'silent', 'outputOnListen', 'disconnectTimeout', 'stopManagerIfNoConnections']);
const ONLY_IMPORT = new Set(['ERR_REQUIRE_ESM', 'ERR_REQUIRE_ASYNC_MODULE']);

/** {config, esm}: what the file at an absolute path exports, CommonJS or ES module, with the defaults filled in. */
async function loadConfig(path) {
  const { exported, esm } = await load(path);
  if (!isConfig(exported)) throw new Error(`Config file does not export an object. "${path}"`);
  const config = Object.isExtensible(exported) ? exported : { ...exported };
  for (const [key, value] of Object.entries(DEFAULTS)) {
    if (config[key] === undefined) config[key] = value;
  }
  return { config, esm };
}

async function load(path) {
  if (!path.endsWith('.mjs')) {
    try {
      const exported = require(path);
      if (types.isModuleNamespaceObject(exported)) return { exported: unwrap(exported), esm: true };
      return { exported: exported && exported.__esModule ? unwrap(exported) : exported, esm: false };
    } catch (error) {
      if (!ONLY_IMPORT.has(error && error.code)) throw error;
    }
  }
  return { exported: unwrap(await import(pathToFileURL(path).href)), esm: true };
}

/** A module's default export, or all its exports as one object. */
function unwrap(namespace) {
  return namespace.default === undefined ? { ...namespace } : namespace.default;
}

function isConfig(exported) {
  if (typeof exported === 'function') return true;
  if (exported === null || typeof exported !== 'object') return false;
  return Object.keys(exported).length > 0 || ![Object.prototype, null].includes(Object.getPrototypeOf(exported));
}

/** What `GET /status` of a js-host shows of a config: inherited keys too, functions as names. */
function statusOf(config) {
  const shown = {};
  for (const key in config) {
    if (HIDDEN.has(key)) continue;
    const value = config[key];
    shown[key] = key === 'functions' && value ? Object.keys(value) : value;
  }
  return { type: 'Host', version: VERSION, config: shown };
}

/** The same as plain JSON values; a key that JSON cannot express is left out. */
function plainStatus(config) {
  const status = statusOf(config);
  const shown = {};
  for (const [key, value] of Object.entries(status.config)) {
    const text = tryStringify(value);
    if (text !== undefined) shown[key] = JSON.parse(text);
  }
  return { ...status, config: shown };
}

function tryStringify(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

module.exports = { VERSION, loadConfig, plainStatus, statusOf };
