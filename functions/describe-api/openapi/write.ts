/** `npm run openapi` writes the API's description to `docs/openapi.json`, which `GET /openapi.json` answers. */
import { writeFileSync } from 'node:fs';
import { described } from './described.ts';
import { documentOf } from './document.ts';
import { place, textOf } from './written.ts';

writeFileSync(place, await textOf(documentOf(described)));
