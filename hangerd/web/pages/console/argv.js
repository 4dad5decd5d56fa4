// Splits a line into arguments as a POSIX shell would: words, 'as it is', "with \" in it", and \ before any character.

const WORD = /\s*((?:[^\s'"\\]|\\[^]|'[^']*'|"(?:[^"\\]|\\[^])*")+)/y;
const PART = /'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^'"\\]+)/g;

/** @param {string} line @returns {string[]} @throws {SyntaxError} with what is wrong, to be shown */
export function splitArguments(line) {
  const words = [];
  const text = line.trim();
  WORD.lastIndex = 0;
  while (WORD.lastIndex < text.length) {
    const at = WORD.lastIndex;
    const found = WORD.exec(text);
    if (!found) throw new SyntaxError(`A quote or backslash is not closed: ${text.slice(at).trim()}`);
    words.push(unquoted(found[1]));
  }
  return words;
}

/** @param {string} word */
function unquoted(word) {
  return word.replace(PART, (_, single, double, escaped, plain) => single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain);
}
