/**
 * What rlm_rest of FreeRADIUS 3 sends of a packet, and what it takes for an answer: JSON, an attribute a member. Seen of
 * 3.2: names as its dictionaries have them, values as text or numbers; enumerated values by name, or by number where the
 * site sets `raw_value`; texts byte for byte, each byte above 127 as a character of its own; octets as `0x6c6f67`; dates as
 * `Nov 14 2023 22:13:20 UTC`, in the zone of the site.
 */

export interface RestMember {
  readonly value: RestScalar | readonly RestScalar[];
}
type RestScalar = string | number | boolean;

/** The values of each attribute, by its name in lower case. */
export type RadiusAttributes = ReadonlyMap<string, readonly string[]>;

export function readAttributes(document: Readonly<Record<string, RestMember>>): RadiusAttributes {
  return new Map(Object.entries(document).map(([name, member]) => [bare(name), valuesIn(member)]));
}

/** A name may come with its list before it and its tag behind: `request:Tunnel-Type:0`. */
const bare = (name: string) =>
  name
    .toLowerCase()
    .replace(/^request:/, '')
    .replace(/:\d+$/, '');

function valuesIn({ value }: RestMember): readonly string[] {
  const all: readonly RestScalar[] = typeof value === 'object' ? value : [value];
  return all.map((each) => decoded(String(each))).filter((each) => each !== '');
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Text in UTF-8 comes with a character for each of its bytes. What is no UTF-8 then is what it says. */
function decoded(text: string): string {
  if (!/[\x80-\xff]/.test(text) || /[^\0-\xff]/.test(text)) return text;
  try {
    return utf8.decode(Buffer.from(text, 'latin1'));
  } catch {
    return text;
  }
}

export const all = (attributes: RadiusAttributes, name: string): readonly string[] =>
  attributes.get(name.toLowerCase()) ?? [];

export const first = (attributes: RadiusAttributes, name: string): string | undefined => all(attributes, name)[0];

/** The texts of an attribute that comes as octets. */
export const octetTexts = (attributes: RadiusAttributes, name: string): readonly string[] =>
  all(attributes, name).map((value) =>
    /^0x(?:[\da-f]{2})*$/i.test(value) ? Buffer.from(value.slice(2), 'hex').toString('utf8') : value,
  );

/** A whole number that is not negative. */
export function numberOf(attributes: RadiusAttributes, name: string): number | undefined {
  const text = first(attributes, name) ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * Epoch milliseconds: of seconds since 1970, of a date in UTC, or of one in ISO 8601. A date in any other zone is not
 * read, as the names of zones say different things in different places.
 */
export function dateOf(attributes: RadiusAttributes, name: string): number | undefined {
  const seconds = numberOf(attributes, name);
  if (seconds !== undefined) return seconds * 1_000;
  const text = first(attributes, name) ?? '';
  const [, month = '', day, year, hour, minute, second] =
    /^([a-z]{3})\s+(\d{1,2})\s+(\d{4})\s+(\d\d):(\d\d):(\d\d)\s+(?:UTC|GMT|Z)$/i.exec(text) ?? [];
  const index = months.indexOf(month.toLowerCase());
  if (index >= 0) return Date.UTC(Number(year), index, Number(day), Number(hour), Number(minute), Number(second));
  const iso = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(iso) ? undefined : iso;
}

/** Seen of 3.2.1: which module code each status becomes, per section; `reject` in `authorize` is the only one whose body counts. */
export const restStatuses = { ok: 200, nothing: 204, reject: 401 } as const;

export type RestList = 'reply' | 'control';

/** An attribute of an answer. */
export interface RestAttribute {
  readonly list: RestList;
  readonly name: string;
  readonly values: readonly string[];
}

/**
 * The body of an answer. `do_xlat` off: unless told, rlm_rest expands what it gets, and a user called `%{...}` would have
 * the site's server evaluate it.
 */
export function restBody(attributes: readonly RestAttribute[]) {
  return Object.fromEntries(
    attributes.map(({ list, name, values }) => [
      `${list}:${name}`,
      { op: values.length > 1 ? '+=' : ':=', do_xlat: false, value: values },
    ]),
  );
}
