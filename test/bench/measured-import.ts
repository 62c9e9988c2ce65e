/** `measured-import.mjs MODULE`: what it costs a fresh process to load a module. */
import { load } from './load.ts';
import { costOf } from './stopwatch.ts';

const [file = ''] = process.argv.slice(2);
process.stdout.write(
  JSON.stringify(
    await costOf(async () => {
      await load(file);
    }),
  ),
);
