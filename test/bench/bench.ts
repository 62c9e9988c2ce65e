/**
 * `npm run bench`: ours beside the plain stack, in one run on one machine; `npm run bench -- threat-logs reading` only the
 * rows of these names. docs/performance.md explains the lines.
 */
import { cpus } from 'node:os';
import { bundleAll } from './bundles.ts';
import { decisions } from './decisions.ts';
import { importTimes } from './imports.ts';
import { listings } from './listings.ts';
import { logRate } from './log-rate.ts';
import { lookUps } from './look-up.ts';
import { fullPosts, logoffPosts } from './posts.ts';
import { queries } from './queries.ts';
import { readings } from './readings.ts';
import { printTable } from './report.ts';
import { threatLogs } from './threat-logs.ts';

const rows: Readonly<Record<string, () => Promise<void>>> = {
  posts: async () => printTable('A 2 MB post of 3,000 full entries', await fullPosts(5)),
  logoffs: async () => printTable('A 2 MB post of 27,000 bare logoffs', await logoffPosts(3)),
  loading: async () => printTable('Loading a function', await importTimes(15)),
  reading: async () => printTable('Reading 2 MB of XML', await readings(7)),
  decisions: async () => printTable('A decision over 10,000 security policies', await decisions(5)),
  'look-ups': async () =>
    printTable('Looking an address up, beside the request alone that reads its entries', await lookUps(3)),
  listings: async () => printTable('A table of 100,000 entries', await listings(1)),
  'threat-logs': async () => printTable('Finding the threats in 200,000 lines of syslog', await threatLogs(5)),
  'log-rate': logRate,
  queries,
};

const named = process.argv.slice(2);
for (const name of named) {
  if (!(name in rows)) throw new Error(`There is no row "${name}": ${Object.keys(rows).join(', ')}.`);
}

const [cpu] = cpus();
console.log(
  `Node ${process.version}, ${cpus().length} x ${cpu?.model ?? 'an unknown processor'}. Medians of fresh processes.`,
);
await bundleAll();
for (const [name, row] of Object.entries(rows)) if (named.length === 0 || named.includes(name)) await row();
