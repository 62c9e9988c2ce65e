/** `npm run faults -- --seeds 3 --posts 1000`: the figures of docs/faults.md, as this machine has them. */
import { parseArgs } from 'node:util';
import { faultRun } from './fault-run.ts';
import { startUnderFaults } from './harness.ts';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '3' }, posts: { type: 'string', default: '1000' } },
});
const service = await startUnderFaults(3);
try {
  for (let seed = 1; seed <= Number(values.seeds); seed += 1) {
    const { wrong, receiptsMissing, ...figures } = await faultRun(service, seed, Number(values.posts));
    console.log(JSON.stringify({ seed, ...figures, wrong: wrong.length, receiptsMissing: receiptsMissing.length }));
    for (const each of wrong.slice(0, 10)) console.log(JSON.stringify(each));
    if (wrong.length + receiptsMissing.length > 0) process.exitCode = 1;
  }
} finally {
  await service.stop();
}
