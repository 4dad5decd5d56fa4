// A text field for Python: Tab and Shift+Tab indent, Enter keeps the indent. After Escape, Tab leaves the field, so
// that nobody is caught in it.

const INDENT = '    ';

/** @param {HTMLTextAreaElement} field @param {() => void} run what Ctrl+Enter does */
export function edit(field, run) {
  let leaving = false;
  field.addEventListener('keydown', (event) => {
    const { key, shiftKey, ctrlKey, metaKey } = event;
    if (key === 'Enter' && (ctrlKey || metaKey)) run();
    else if (key === 'Tab' && !leaving && !ctrlKey) indent(field, shiftKey);
    else {
      leaving = key === 'Escape' || (leaving && key === 'Shift');
      return;
    }
    event.preventDefault();
  });
  let next = '';
  field.addEventListener('beforeinput', ({ inputType }) => {
    next = inputType === 'insertLineBreak' ? nextIndent(before(field)) : '';
  });
  field.addEventListener('input', () => {
    const text = next;
    next = '';
    if (text) insert(field, text);
  });
  field.addEventListener('blur', () => (leaving = false));
}

/** Write as if typed, so that it can be undone. */
function insert(field, text) {
  if (!document.execCommand('insertText', false, text)) field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
}

/** The cursor's line, up to the cursor. */
const before = ({ value, selectionStart }) => value.slice(value.lastIndexOf('\n', selectionStart - 1) + 1, selectionStart);

function nextIndent(line) {
  return /^ */.exec(line)[0] + (/:\s*(#.*)?$/.test(line) ? INDENT : '');
}

function indent(field, back) {
  const { value, selectionStart, selectionEnd } = field;
  const column = before(field).length;
  const from = selectionStart - column;
  if (selectionStart === selectionEnd) {
    return back ? outdentLine(field, from) : insert(field, INDENT.slice(column % INDENT.length));
  }
  const lines = value.slice(from, selectionEnd);
  const moved = back ? lines.replace(/^ {1,4}/gm, '') : lines.replace(/^(?=.)/gm, INDENT);
  if (moved === lines) return;
  field.setSelectionRange(from, selectionEnd);
  insert(field, moved);
  field.setSelectionRange(from, from + moved.length);
}

function outdentLine(field, from) {
  const cursor = field.selectionStart;
  const spaces = /^ {0,4}/.exec(field.value.slice(from))[0].length;
  if (spaces === 0) return;
  field.setSelectionRange(from, from + spaces);
  document.execCommand('delete');
  const end = Math.max(from, cursor - spaces);
  field.setSelectionRange(end, end);
}
