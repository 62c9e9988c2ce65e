import { timestampMicros } from './timestamp.ts';

/** Seconds, milliseconds and microseconds since 1970 do not overlap between 1973 and 5138. */
const seconds = { from: 1e8, to: 1e11 };

/** As mail and HTTP write dates: always English and always with a zone. */
const mailForm = /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]\d{4})$/;

/**
 * Microseconds since 1970 of an `updated_at`, in whatever form it is told: ISO 8601, the same with blanks as databases
 * write it, a date of HTTP, or a number since 1970. `undefined` where it is none of these.
 */
export function updatedAtMicros(told: string | number): number | undefined {
  const text = String(told).trim();
  if (/^\d+(\.\d+)?$/.test(text)) return microsSince1970(Number(text));
  if (mailForm.test(text)) return microsOf(Date.parse(text));
  const iso = text
    .replace(/^(\d{4}-\d\d-\d\d)[ t]+/, '$1T')
    .replace(/ *(?:UTC|GMT)$/i, 'Z')
    .replace(/ +(?=[+-]\d\d(?::?\d\d)?$)/, '');
  return timestampMicros(iso);
}

const microsOf = (ms: number) => (ms >= 0 ? ms * 1_000 : undefined);

function microsSince1970(number: number): number | undefined {
  const { from, to } = seconds;
  const factor = [1e6, 1e3, 1].find((each) => number * each >= from * 1e6 && number * each < to * 1e6);
  return factor === undefined ? undefined : Math.min(Math.round(number * factor), Number.MAX_SAFE_INTEGER);
}
