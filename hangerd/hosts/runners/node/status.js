'use strict';
// Prints, as the last line, what `js-host --config` prints for the config file that is named: for programs that
// look for a host of it which already runs.

const { loadConfig, plainStatus } = require('./config');
const { Host } = require('./host');

loadConfig(process.argv[2])
  .then(({ config }) => {
    new Host(config); // its functions are checked, and extendHost is run
    process.stdout.write(`\n${JSON.stringify(plainStatus(config))}\n`, () => process.exit(0));
  })
  .catch((error) => {
    process.stderr.write(`${(error && error.stack) || error}\n`, () => process.exit(1));
  });
