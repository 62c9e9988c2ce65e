/**
 * `npm run openapi` writes the API's description to `docs/openapi.json`, which `GET /openapi.json` answers, and the schema of
 * what goes out on the bus to `docs/events-out.schema.json`.
 */
import { writeFileSync } from 'node:fs';
import { described } from './described.ts';
import { documentOf } from './document.ts';
import { eventsOut } from './events-out.ts';
import { place, placeOfEvents, textOf } from './written.ts';

writeFileSync(place, await textOf(documentOf(described)));
writeFileSync(placeOfEvents, await textOf(eventsOut));
