'use strict';
// hangerd's program for `kind = "js"`: runs a host.config.js and speaks docs/wire.md over an inherited socket.
// Needs Node 20 or later and no package.

const net = require('net');

const { Runner } = require('./runner');

function takeVariable(name) {
  const value = process.env[name];
  delete process.env[name];
  return value;
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
  const socket = new net.Socket({ fd: Number(socketFd), readable: true, writable: true });
  const runner = new Runner(socket, listenFd === undefined ? null : Number(listenFd), process.exit);
  process.on('uncaughtException', (error) => {
    // a config that listens for these itself has taken them over, as it would in plain Node
    if (process.listenerCount('uncaughtException') === 1) runner.crash(error);
  });
}

main();
