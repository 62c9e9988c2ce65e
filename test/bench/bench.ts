/** `npm run bench`: the post path beside the plain stack, in one run on one machine. docs/performance.md explains the lines. */
import { cpus } from 'node:os';
import { fullPosts, logoffPosts } from './posts.ts';
import { printTable } from './report.ts';

const [cpu] = cpus();
console.log(
  `Node ${process.version}, ${cpus().length} x ${cpu?.model ?? 'a processor without a name'}. Medians of fresh processes.`,
);
printTable('A 2 MB post of 3,000 full entries', await fullPosts(Number(process.env.R ?? 7)));
printTable('A 2 MB post of 27,000 bare logoffs', await logoffPosts(Number(process.env.R ?? 3)));
