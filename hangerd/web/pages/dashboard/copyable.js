// A line to be copied into a terminal or a file.

import { el, say } from './dom.js';

export function copyable(text) {
  const code = el('code', { tabindex: '0' }, text);
  const button = el('button', { type: 'button', onclick: copy }, 'Copy');
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      say(button, 'Copied');
    } catch {
      // Without https or on request of the visitor a page may not; it can be selected then.
      getSelection().selectAllChildren(code);
      say(button, 'Selected');
    }
    setTimeout(() => say(button, 'Copy'), 2000);
  }
  return el('div', { class: 'copyable' }, code, button);
}
