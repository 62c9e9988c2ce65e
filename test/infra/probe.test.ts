import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { checks } from '../../infra/probe-checks.ts';

test('every line of docs/unverified.md has its check in the probe, and the reverse', () => {
  const document = readFileSync(fileURLToPath(new URL('../../docs/unverified.md', import.meta.url)), 'utf8');
  const ids = [...document.matchAll(/^- `([\w-]+)`:/gm)].map(([, id]) => id);

  expect(ids).toEqual(Object.keys(checks));
});
