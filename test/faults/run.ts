/** `npm run faults -- --seeds 3 --posts 1000 --kills 100 --phases 4`: the figures of docs/faults.md, as this machine has them. */
import { parseArgs } from 'node:util';
import { connectorRun } from './connector-run.ts';
import { contest, withoutConditions } from './contest.ts';
import { passed } from './fault-proxy.ts';
import { faultRun } from './fault-run.ts';
import { startUnderFaults } from './harness.ts';
import { startClearPass } from '../simulators/clearpass.ts';
import { killRun } from './kill-run.ts';
import { logRun, rateLimit } from './log-run.ts';
import { questionRun } from './question-run.ts';

const number = (text: string) => ({ type: 'string', default: text }) as const;
const { values } = parseArgs({
  options: { seeds: number('3'), posts: number('1000'), kills: number('100'), phases: number('4') },
});

const [service, clearPass] = await Promise.all([startUnderFaults(3), startClearPass()]);
try {
  for (let seed = 1; seed <= Number(values.seeds); seed += 1) {
    const { wrong, receiptsMissing, ...figures } = await faultRun(service, seed, Number(values.posts));
    tell('posts', { seed, ...figures, wrong: wrong.length, receiptsMissing: receiptsMissing.length }, [
      ...wrong,
      ...receiptsMissing,
    ]);
  }
  const { wrong, ...figures } = await killRun(service, 1, Number(values.kills));
  tell('kills', { ...figures, wrong: wrong.length }, wrong);
  const questions = await questionRun(service, clearPass, 4, 20);
  tell('questions', { ...questions, wrong: questions.wrong.length }, [...questions.wrong, ...questions.pendingForEver]);
  const told = { writers: 6, posts: 4, entries: 1 };
  const beaten = await contest(service, { number: 220, ...told, writes: passed });
  tell('writers at once', { ...told, wrong: beaten.length }, beaten);
  const control = await contest(service, { number: 222, ...told, writes: withoutConditions });
  tell('the same without the compare-and-set', { ...told, wrong: control.length }, []);
  if (control.length === 0) process.exitCode = 1; // a harness that finds nothing there proves nothing elsewhere
  for (let seed = 1; seed <= Number(values.seeds); seed += 1) {
    const { missing, wrong: unordered, ...figures } = await logRun(service, seed, 40);
    tell('threat logs', { seed, ...figures, wrong: missing.length + unordered.length }, [...missing, ...unordered]);
    if (figures.mostInASecond > rateLimit) process.exitCode = 1;
  }
  // The last: it sets the tenants up anew, and moves their clock by hours.
  for (let seed = 1; seed <= Number(values.seeds); seed += 1) {
    const { wrong: held, unsettled, drifted, ...figures } = await connectorRun(service, seed, Number(values.phases));
    tell('connectors', { seed, ...figures, wrong: held.length }, [...held, ...unsettled, ...drifted]);
  }
} finally {
  await Promise.all([service.stop(), clearPass.stop()]);
}

function tell(what: string, figures: object, wrong: readonly unknown[]) {
  const { user, system } = process.cpuUsage();
  console.log(what, JSON.stringify({ ...figures, processorSeconds: Math.round((user + system) / 1e6) }));
  for (const each of wrong.slice(0, 10)) console.log(JSON.stringify(each));
  if (wrong.length > 0) process.exitCode = 1;
}
