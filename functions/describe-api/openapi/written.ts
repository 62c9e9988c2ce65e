/** Where the description lies, with the schema of what goes out on the bus beside it, and how they are written there. */
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

export const place = fileURLToPath(new URL('../../../docs/openapi.json', import.meta.url));

export const placeOfEvents = fileURLToPath(new URL('../../../docs/events-out.schema.json', import.meta.url));

export const textOf = async (document: object): Promise<string> =>
  format(JSON.stringify(document), { ...(await resolveConfig(place)), filepath: place });
