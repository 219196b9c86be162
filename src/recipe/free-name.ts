import { LONGEST_NAME } from './recipe';

/** A student's name that none has yet: the given one, with a number behind it where that is taken. */
export function freeName(name: string, taken: readonly string[]): string {
  const whole = name.slice(0, LONGEST_NAME);
  if (!taken.includes(whole)) return whole;
  for (let number = 2; ; number += 1) {
    const end = ` ${number}`;
    const free = `${whole.slice(0, LONGEST_NAME - end.length)}${end}`;
    if (!taken.includes(free)) return free;
  }
}
