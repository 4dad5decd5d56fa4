// Signing in, by a link or by the control token, and out.

import { ask, Refused } from './api.js';
import { say } from './dom.js';

const form = document.getElementById('sign-in');
const token = document.getElementById('token');
const failed = document.getElementById('sign-in-failed');

/** Let the visitor in, now or when he has signed in; resolves then. */
export async function signedIn() {
  const link = location.hash.length > 20 ? location.hash.slice(1) : '';
  // It must not be in the history, nor be tried again by a reload.
  if (link) history.replaceState(null, '', location.pathname + location.search);
  const trouble = link ? await attempt({ link }) : await knownAlready();
  if (trouble !== null) await askForToken(trouble);
}

/** Sign out; the daemon ends all that is open. */
export async function signOut() {
  await ask('DELETE', '-/session');
}

/** Give null where this browser is signed in; "" where it is not; else why that could not be asked. */
export async function knownAlready() {
  try {
    await ask('GET', '-/session', undefined, AbortSignal.timeout(10_000));
    return null;
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return '';
    return error.message;
  }
}

async function attempt(given) {
  try {
    await ask('POST', '-/session', given);
    return null;
  } catch (error) {
    return error.message;
  }
}

function askForToken(trouble) {
  say(failed, trouble);
  form.hidden = false;
  token.focus();
  return new Promise((resolve) => {
    form.addEventListener('submit', async function submit(event) {
      event.preventDefault();
      const button = form.querySelector('button');
      button.disabled = true;
      const refused = await attempt({ token: token.value });
      button.disabled = false;
      if (refused !== null) {
        say(failed, '');
        say(failed, refused);
        token.select();
        return;
      }
      form.removeEventListener('submit', submit);
      token.value = '';
      say(failed, '');
      form.hidden = true;
      resolve();
    });
  });
}
