// The functions that hosts are measured by; js-host takes the same file.
'use strict';

function compute(ms) {
  const began = process.cpuUsage();
  for (;;) {
    const used = process.cpuUsage(began);
    if (used.user + used.system >= ms * 1000) return;
  }
}

module.exports = {
  silent: true,
  requestDataLimit: '100mb',
  functions: {
    echo: (data, cb) => cb(null, data.text),
    pause: (data, cb) => setTimeout(cb, data.ms, null, data.text),
    compute: (data, cb) => {
      compute(data.ms);
      cb(null, 'done');
    },
    count: function* (data) {
      for (let number = 0; number < data.items; number++) yield number;
    },
    process: (data, cb) => cb(null, String(process.pid)),
  },
};
