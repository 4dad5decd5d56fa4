'use strict';
// Payloads to JavaScript values and back, as docs/wire.md says under "call" and "result".

const { types } = require('util');

const { EMPTY } = require('./frames');
const { CallError } = require('./faults');

/** The one argument of a function, from the payload of a call. */
function decodeArgument(header, payload) {
  switch (header.type || 'json') {
    case 'bytes':
      return Buffer.from(payload);
    case 'json':
      break;
    case 'pickle':
      throw new CallError('pickle', 'A js host takes no pickles.');
    default:
      throw new CallError('arguments', `There is no payload type "${header.type}".`);
  }
  const value = payload.length ? parse(payload) : {};
  return header.as === 'arguments' ? onlyArgument(value) : value;
}

function parse(payload) {
  try {
    return JSON.parse(payload.toString());
  } catch (error) {
    throw new CallError('arguments', `The payload is not JSON: ${error.message}`);
  }
}

function onlyArgument(value) {
  const { args = [], kwargs = {} } = value || {};
  const named = kwargs !== null && typeof kwargs === 'object' && Object.keys(kwargs).length > 0;
  if (!Array.isArray(args) || args.length + named > 1) {
    throw new CallError(
      'arguments',
      'A js function takes one positional argument, or keyword arguments as one object.',
    );
  }
  return args.length ? args[0] : kwargs;
}

/** {type, payload} of any value; undefined and NaN are null. Throws what JSON.stringify throws. */
function encodeValue(value) {
  if (value instanceof Uint8Array) {
    return { type: 'bytes', payload: Buffer.from(value.buffer, value.byteOffset, value.byteLength) };
  }
  if (types.isAnyArrayBuffer(value)) return { type: 'bytes', payload: Buffer.from(value) };
  const text = JSON.stringify(value);
  return { type: undefined, payload: text === undefined ? NULL : Buffer.from(text) };
}

const NULL = Buffer.from('null');

/** A payload of JSON. */
function jsonPayload(value) {
  return value === undefined ? EMPTY : Buffer.from(JSON.stringify(value));
}

module.exports = { decodeArgument, encodeValue, jsonPayload };
