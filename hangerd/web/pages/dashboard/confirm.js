// Asks before something is ended.

import { el } from './dom.js';

/** Ask; resolves to whether the visitor wants it. Enter and Escape both leave things as they are. */
export function confirmed(question, explanation, action) {
  const dialog = el(
    'dialog',
    { 'aria-labelledby': 'confirm-question' },
    el('h2', { id: 'confirm-question' }, question),
    el('p', {}, explanation),
    el(
      'div',
      { class: 'buttons' },
      el('button', { type: 'button', autofocus: true, onclick: () => dialog.close() }, 'Cancel'),
      el('button', { type: 'button', class: 'main alarm', onclick: () => dialog.close('yes') }, action),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}
