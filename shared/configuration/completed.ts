import { type Configuration, defaults } from './configuration.ts';

/** A stored configuration, with the defaults of what did not exist yet when it was stored. */
export const completed = (stored: unknown): Configuration => fill(defaults, stored);

function fill<Value>(standard: Value, stored: unknown): Value {
  if (stored === undefined) return standard;
  if (!isObject(standard) || !isObject(stored)) return stored as Value;
  const missing = Object.keys(standard).map((key) => [key, fill(standard[key], stored[key])]);
  return { ...stored, ...Object.fromEntries(missing) } as Value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
