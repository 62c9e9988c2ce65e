/** `npm run bench`: ours beside the plain stack, in one run on one machine. docs/performance.md explains the lines. */
import { cpus } from 'node:os';
import { bundleAll } from './bundles.ts';
import { decisions } from './decisions.ts';
import { importTimes } from './imports.ts';
import { listings } from './listings.ts';
import { lookUps } from './look-up.ts';
import { fullPosts, logoffPosts } from './posts.ts';
import { queries } from './queries.ts';
import { readings } from './readings.ts';
import { printTable } from './report.ts';

const [cpu] = cpus();
console.log(
  `Node ${process.version}, ${cpus().length} x ${cpu?.model ?? 'an unknown processor'}. Medians of fresh processes.`,
);
await bundleAll();
printTable('A 2 MB post of 3,000 full entries', await fullPosts(5));
printTable('A 2 MB post of 27,000 bare logoffs', await logoffPosts(3));
printTable('Loading a function', await importTimes(15));
printTable('Reading 2 MB of XML', await readings(7));
printTable('A decision over 10,000 security policies', await decisions(5));
printTable('Looking an address up, beside the request alone that reads its entries', await lookUps(3));
printTable('A table of 100,000 entries', await listings(1));
await queries();
