// The programs to begin with, and what the visitor has made of them, which stays in this browser.

export const PROGRAMS = { guess: 'A guessing game', story: 'A story of your words', quiz: 'Times tables', bar: 'A progress bar' };

const key = (name) => `hangerd playground ${name}`;

/** The program as it was left, or as it came. @param {string} name @returns {Promise<string>} */
export async function load(name) {
  return localStorage.getItem(key(name)) ?? original(name);
}

/** @param {string} name @param {string} text */
export function keep(name, text) {
  localStorage.setItem(key(name), text);
}

/** The program as it came, from now on. @param {string} name */
export function reset(name) {
  localStorage.removeItem(key(name));
  return original(name);
}

async function original(name) {
  return (await fetch(`programs/${name}.txt`)).text();
}
