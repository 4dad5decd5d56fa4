'use strict';
// Which of the user's files were loaded: the CommonJS require graph, and the static imports of ES modules.
// Packages under node_modules and the runner's own files are left out.

const fs = require('fs');
const path = require('path');
const { fileURLToPath, pathToFileURL } = require('url');

const OWN = __dirname + path.sep;
const INSTALLED = `${path.sep}node_modules${path.sep}`;
// Node has no list of loaded ES modules; too many matches only watch a file too many.
const SPECIFIER = /\b(?:from|import)\s*\(?\s*(['"])((?:\.{1,2}\/|\/|file:)[^'"\n]*)\1/g;

class Sources {
  constructor() {
    this.seen = new Set();
    this.cached = 0;
  }

  /** The absolute paths loaded since the last time; `esm` names a file whose imports are followed. */
  fresh(esm) {
    const found = [];
    const loaded = Object.keys(require.cache);
    if (loaded.length !== this.cached) {
      this.cached = loaded.length;
      for (const file of loaded) this.note(file, found);
    }
    if (esm) this.follow(esm, found);
    return found;
  }

  note(file, found) {
    if (this.seen.has(file)) return false;
    this.seen.add(file);
    if (file.startsWith(OWN) || file.includes(INSTALLED) || !path.isAbsolute(file)) return false;
    found.push(file);
    return true;
  }

  follow(file, found) {
    if (!this.note(file, found)) return;
    for (const [, , specifier] of readText(file).matchAll(SPECIFIER)) {
      const target = resolve(specifier, file);
      if (target && fs.existsSync(target)) this.follow(target, found);
    }
  }
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function resolve(specifier, from) {
  try {
    return fileURLToPath(new URL(specifier, pathToFileURL(from)));
  } catch {
    return null;
  }
}

module.exports = { Sources };
