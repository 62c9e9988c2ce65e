/** Where the description lies, and how it is written there. */
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

export const place = fileURLToPath(new URL('../../../docs/openapi.json', import.meta.url));

export const textOf = async (document: object): Promise<string> =>
  format(JSON.stringify(document), { ...(await resolveConfig(place)), filepath: place });
