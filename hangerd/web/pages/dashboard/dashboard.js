// The dashboard: signs in, then shows what the daemon does as it does it.

import { say } from './dom.js';
import { Feed } from './feed.js';
import { Hosts } from './hosts.js';
import { Model } from './model.js';
import { Runs } from './runs.js';
import { signedIn, signOut } from './session.js';
import { Slots } from './slots.js';

const board = document.getElementById('board');
const connection = document.getElementById('connection');
const out = document.getElementById('sign-out');
const model = new Model();
const hosts = new Hosts();
const sections = [new Slots(), new Runs(), hosts];

function show() {
  for (const section of sections) section.show(model);
}

function draw() {
  for (const section of sections) section.draw(model);
}

const STATES = { live: 'live', lost: 'connection lost, reconnecting' };

function showState(state) {
  if (connection.dataset.state === state) return;
  connection.dataset.state = state;
  document.body.classList.toggle('stale', state === 'lost');
  say(connection, STATES[state]);
  if (state === 'live') hosts.resume();
}

out.addEventListener('click', async () => {
  await signOut();
  location.reload();
});

await signedIn();
board.append(...sections.map((section) => section.element));
new Feed({
  picture(told) {
    model.show(told);
    show();
    draw();
    for (const element of [board, out, document.getElementById('sections')]) element.hidden = false;
  },
  change(told) {
    model.change(told);
    show();
    if (told.point) draw();
  },
  state: showState,
  out: () => location.reload(),
});
// Ages grow, and plots move on, also while nothing happens.
setInterval(() => document.hidden || board.hidden || show(), 1000);
setInterval(() => document.hidden || board.hidden || draw(), 5000);
