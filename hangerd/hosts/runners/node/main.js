'use strict';
// hangerd's program for `kind = "js"`: runs a host.config.js and speaks docs/wire.md over an inherited socket.
// Needs Node 20 or later and no package.

const fs = require('fs');
const net = require('net');

const OLDEST = 20;

function takeVariable(name) {
  const value = process.env[name];
  delete process.env[name];
  return value;
}

/** Says why this Node cannot run js hosts; the rest of the runner may not even load in it. */
function refuse(fd) {
  const message = 'Node ' + process.versions.node + ' is too old: js hosts need Node ' + OLDEST + ' or later.';
  const header = Buffer.from('{"op":"fault","code":"start"}');
  const payload = Buffer.from(JSON.stringify({ type: 'Error', message, stack: '' }));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(4 + header.length + payload.length, 0);
  lengths.writeUInt32BE(header.length, 4);
  fs.writeSync(fd, Buffer.concat([lengths, header, payload]));
  process.stderr.write(message + '\n');
  process.exit(1);
}

function main() {
  const socketFd = takeVariable('HANGERD_SOCKET_FD');
  const listenFd = takeVariable('HANGERD_LISTEN_FD');
  takeVariable('HANGERD_HOST');
  takeVariable('HANGERD_INSTANCE');
  if (socketFd === undefined) {
    process.stderr.write('This program is started by hangerd, with HANGERD_SOCKET_FD set. See docs/wire.md.\n');
    process.exit(2);
  }
  if (parseInt(process.versions.node, 10) < OLDEST) refuse(Number(socketFd));
  const { Runner } = require('./runner');
  const socket = new net.Socket({ fd: Number(socketFd), readable: true, writable: true });
  const runner = new Runner(socket, listenFd === undefined ? null : Number(listenFd), process.exit);
  process.on('uncaughtException', (error) => {
    // a config that listens for these itself has taken them over, as it would in plain Node
    if (process.listenerCount('uncaughtException') === 1) runner.crash(error);
  });
}

main();
