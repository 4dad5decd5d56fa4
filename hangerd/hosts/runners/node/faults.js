'use strict';
// Errors to the payload of a fault: {type, message, stack, cause}.

const path = require('path');
const { types } = require('util');

const DEEPEST_CAUSE = 8;
const OWN = __dirname + path.sep;

/** A fault that is not the function's: `code` is one of docs/wire.md. */
class CallError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
    this.name = 'CallError';
  }
}

function isError(value) {
  return value instanceof Error || types.isNativeError(value);
}

/** What was thrown, rejected or given to a callback, as an Error: js-host wraps what is none. */
function asError(thrown) {
  if (isError(thrown)) return thrown;
  let text;
  try {
    text = String(thrown);
  } catch {
    text = 'something that cannot be shown was thrown';
  }
  return new Error(text);
}

function describeError(thrown, depth = 0) {
  const error = asError(thrown);
  const fault = {
    type: String(error.name || 'Error'),
    message: String(error.message),
    stack: userStack(error),
  };
  if (error.cause !== undefined && error.cause !== null && depth < DEEPEST_CAUSE) {
    fault.cause = describeError(error.cause, depth + 1);
  }
  return fault;
}

/** The text of a stack without the runner's own frames and what Node has below them. */
function userStack(error) {
  if (error instanceof CallError) return '';
  const lines = String(error.stack || `${error.name}: ${error.message}`).split('\n');
  const kept = lines.filter((line) => !line.includes(OWN));
  if (kept.length < lines.length) {
    while (kept.length > 1 && kept.at(-1).includes('(node:')) kept.pop();
  }
  return kept.join('\n');
}

module.exports = { CallError, asError, describeError };
