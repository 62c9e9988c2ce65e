import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** A module as Lambda's runtime loads it: an ES module is imported, any other required. */
export async function load(file: string): Promise<unknown> {
  return file.endsWith('.mjs') ? await import(file) : require(file);
}
