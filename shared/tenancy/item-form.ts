/** What DynamoDB can keep: an item in its own JSON, with keys and attributes that it takes. */
import { isDeepStrictEqual } from 'node:util';
import type { Attribute, Item } from './owned-items.ts';

const mostBytes = 400 * 1_024;
const deepest = 32;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string' && value.isWellFormed();

/** DynamoDB keeps 38 digits, of what is between 1e-130 and 9.9…e125. */
function isNumber(value: unknown): value is string {
  const [, whole, fraction = '', exponent = '0'] =
    typeof value === 'string' ? (/^-?(\d{1,38})(?:\.(\d{1,37}))?(?:[eE]([+-]?\d{1,3}))?$/.exec(value) ?? []) : [];
  if (whole === undefined) return false;
  const digits = `${whole}${fraction}`;
  const first = digits.search(/[1-9]/);
  if (first === -1) return true;
  const power = Number(exponent) + whole.length - 1 - first;
  return digits.slice(first).replace(/0+$/, '').length <= 38 && power >= -130 && power <= 125;
}

const isBase64 = (value: unknown): value is string =>
  typeof value === 'string' && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
const isSetOf = (isOne: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.length > 0 && new Set(value).size === value.length && value.every(isOne);

const scalars: Readonly<Record<string, (value: unknown) => boolean>> = {
  S: isText,
  N: isNumber,
  B: isBase64,
  BOOL: (value) => typeof value === 'boolean',
  NULL: (value) => value === true,
  SS: isSetOf(isText),
  NS: isSetOf(isNumber),
  BS: isSetOf(isBase64),
};

function isAttribute(value: unknown, depth: number): value is Attribute {
  if (!isObject(value) || depth > deepest) return false;
  const [[type, inner] = ['', undefined], ...others] = Object.entries(value);
  if (others.length > 0) return false;
  if (type === 'L') return Array.isArray(inner) && inner.every((each) => isAttribute(each, depth + 1));
  if (type === 'M') return isObject(inner) && Object.values(inner).every((each) => isAttribute(each, depth + 1));
  return Object.hasOwn(scalars, type) && scalars[type]?.(inner) === true;
}

export function isItem(value: unknown): value is Item {
  if (!isObject(value) || !Object.values(value).every((each) => isAttribute(each, 1))) return false;
  const { pk, sk } = value as Item;
  if (!isKey(pk, 2_048) || !isKey(sk, 1_024)) return false;
  return (
    Object.entries(value as Item).reduce((sum, [name, each]) => sum + bytesOf(name) + sizeOf(each), 0) <= mostBytes
  );
}

const isKey = (attribute: Attribute | undefined, most: number) =>
  attribute !== undefined && 'S' in attribute && attribute.S !== '' && bytesOf(attribute.S) <= most;

const bytesOf = (text: string) => Buffer.byteLength(text);

/** As DynamoDB counts it, or a little more. */
function sizeOf(attribute: Attribute): number {
  const [[type, value] = ['', '']] = Object.entries(attribute) as [string, unknown][];
  if (type === 'B') return Math.ceil((bytesOf(value as string) * 3) / 4);
  if (type === 'S' || type === 'N') return bytesOf(value as string);
  if (type === 'L') return (value as Attribute[]).reduce((sum, each) => sum + 1 + sizeOf(each), 3);
  if (type === 'M') {
    const inner = Object.entries(value as Record<string, Attribute>);
    return inner.reduce((sum, [name, each]) => sum + 1 + bytesOf(name) + sizeOf(each), 3);
  }
  return Array.isArray(value) ? (value as string[]).reduce((sum, each) => sum + bytesOf(each), 0) : 1;
}

/** What the attributes say, without their types. */
export const valuesOf = (item: Item): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(item).map(([name, attribute]) => [name, valueOf(attribute)]));

function valueOf(attribute: Attribute): unknown {
  if ('N' in attribute) return Number(attribute.N);
  if ('NULL' in attribute) return null;
  if ('M' in attribute) return valuesOf(attribute.M);
  if ('L' in attribute) return attribute.L.map(valueOf);
  return Object.values(attribute)[0];
}

/** Sets have no order, and a number is the same however it is written. */
export const isSameItem = (one: Item, other: Item): boolean => isDeepStrictEqual(plain(one), plain(other));

const plain = (item: Item) =>
  Object.fromEntries(Object.entries(item).map(([name, attribute]) => [name, plainAttribute(attribute)]));

function plainAttribute(attribute: Attribute): unknown {
  if ('N' in attribute) return { N: Number(attribute.N) };
  if ('M' in attribute) return { M: plain(attribute.M) };
  if ('L' in attribute) return { L: attribute.L.map(plainAttribute) };
  if ('SS' in attribute) return { SS: attribute.SS.toSorted() };
  if ('NS' in attribute) return { NS: attribute.NS.map(Number).sort() };
  return 'BS' in attribute ? { BS: attribute.BS.toSorted() } : attribute;
}
