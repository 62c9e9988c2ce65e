/** Date, hour and minute; seconds and their fraction may be left out, and so may the colons. */
const form =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d)(:?)(\d\d)(?:\5(\d\d)(?:\.(\d{1,32}))?)?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)?$/;

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/**
 * Microseconds since 1970, what is finer cut off; no zone is UTC. `undefined` where the text is no instant, or one
 * before 1970. An instant after the year 2255, more than a number can tell, is read as the last that it can.
 */
export function timestampMicros(text: string): number | undefined {
  const found = form.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour, , minute, second = '0', fraction = '', sign, hours = '0', minutes = '0'] = found;
  const offset = Number(hours) * 60 + Number(minutes);
  const possible =
    Number(year) >= 1969 && // an offset can carry the last hours of 1969 into 1970
    isDate(Number(year), Number(month), Number(day)) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) <= 60 &&
    Number(minutes) < 60 &&
    offset <= 14 * 60;
  if (!possible) return undefined;

  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const ms = sign === '-' ? local + offset * minuteMs : local - offset * minuteMs;
  // A leap second ends a day of UTC; it is the same instant as the next day's first.
  if (second === '60' && ms % dayMs !== 0) return undefined;
  if (ms < 0) return undefined;
  return Math.min(ms * 1_000 + Number(fraction.padEnd(6, '0').slice(0, 6)), Number.MAX_SAFE_INTEGER);
}

function isDate(year: number, month: number, day: number): boolean {
  const lastDay = day <= 28 ? 28 : new Date(Date.UTC(year, month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && day <= lastDay;
}
