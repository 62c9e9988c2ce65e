/** `measured-reading.mjs ours|plain BODY`: what it costs to read a post, the first time and once the code is warm. */
import { readFileSync } from 'node:fs';
import { readPost } from '../../shared/wire/clearpass/post-xml.ts';
import { plainRead } from './plain-stack.ts';
import { costOf } from './stopwatch.ts';

const [stack, bodyFile = ''] = process.argv.slice(2);
const body = readFileSync(bodyFile);
const read = stack === 'ours' ? readPost : plainRead;

const first = await costOf(() => read(body).length);
for (let round = 0; round < 4; round += 1) read(body);
const warm = await costOf(() => read(body).length);
process.stdout.write(JSON.stringify({ first, warm }));
