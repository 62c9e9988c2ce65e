/**
 * Marks: words that nobody could guess, one for each thing that a tenant holds. Where one of them stands in another's
 * answer, in whatever encoding, something crossed.
 */
import { randomBytes } from 'node:crypto';

/** Who may be told: of `ours` the tenant alone, of `known` the provider too, and of `secret` nobody, not even its owner. */
export type Told = 'ours' | 'known' | 'secret';

interface Mark {
  readonly what: string;
  readonly told: Told;
}

export interface Marks {
  /** The word for this thing of the tenant; the same one each time. */
  readonly of: (what: string, told?: Told) => string;
  /** What the service named itself, an id or a key, is as hard to guess. */
  readonly note: (what: string, word: string, told?: Told) => string;
  readonly all: ReadonlyMap<string, Mark>;
}

/** Hexadecimal digits alone: no percent-encoding, escape or folding of case changes them. */
const word = () => randomBytes(8).toString('hex');

export function newMarks(): Marks {
  const all = new Map<string, Mark>();
  const words = new Map<string, string>();
  const note: Marks['note'] = (what, text, told = 'ours') => {
    all.set(text.toLowerCase(), { what, told });
    return text;
  };
  return {
    all,
    note,
    of(what, told) {
      const known = words.get(what);
      if (known !== undefined) return known;
      const made = word();
      words.set(what, made);
      return note(what, made, told);
    },
  };
}

/**
 * What of this somebody was told, that they did not say themselves: whoever asks for a name reads it again in the refusal,
 * and has learnt nothing.
 */
export function toldIn(answer: string, asked: string, marks: Marks, isForbidden: (told: Told) => boolean): string[] {
  const [heard, said] = [inEveryEncoding(answer), asked.toLowerCase()];
  return [...marks.all]
    .filter(([text, { told }]) => isForbidden(told) && heard.includes(text) && !said.includes(text))
    .map(([, { what }]) => what);
}

/** The text, and all that stands in it in base64, in hexadecimal digits, percent-encoded or backwards. */
export function inEveryEncoding(text: string): string {
  const found = [text];
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{16,}/g)) {
    found.push(Buffer.from(run, 'base64url').toString('latin1'));
    if (/^([\da-f]{2}){8,}$/i.test(run)) found.push(Buffer.from(run, 'hex').toString('latin1'));
  }
  if (text.includes('%')) found.push(text.replaceAll(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))); // prettier-ignore
  found.push(Array.from(text).reverse().join(''));
  return found.join('\n').toLowerCase();
}
