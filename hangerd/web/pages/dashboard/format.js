// Numbers as people read them.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export const count = (number) => whole.format(number);

export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** A rate: with one digit behind the point while that says something. */
export const rate = (number) => (number >= 10 ? count(number) : String(Number(number.toFixed(1))));

export function bytes(number) {
  let unit = 0;
  let size = number;
  while (size >= 1024 && unit < SIZES.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit && size < 10 ? size.toFixed(1) : whole.format(size)} ${SIZES[unit]}`;
}

/** How long something takes: "0.4 ms", "12 ms", "3.1 s". */
export function took(seconds) {
  if (seconds < 1) return `${seconds < 0.01 ? (seconds * 1000).toFixed(1) : whole.format(seconds * 1000)} ms`;
  return `${seconds < 10 ? seconds.toFixed(1) : whole.format(seconds)} s`;
}

/** How old something is: "7 s", "3 min 7 s", "2 h 3 min", "4 d 2 h". */
export function age(seconds) {
  const all = Math.max(0, Math.floor(seconds));
  const [days, hours, minutes] = [Math.floor(all / 86400), Math.floor(all / 3600) % 24, Math.floor(all / 60) % 60];
  if (days) return `${days} d ${hours} h`;
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${all % 60} s` : `${all} s`;
}
