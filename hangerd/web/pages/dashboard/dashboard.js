// The dashboard: signs in, then shows what the daemon does.

import { signedIn, signOut } from './session.js';

const out = document.getElementById('sign-out');

out.addEventListener('click', async () => {
  await signOut();
  location.reload();
});

await signedIn();
out.hidden = false;
