/** Posts while requests and answers between functions and their engines get lost, fail, come late and are told wrong. */
import { faultRun } from './fault-run.ts';
import { type ClearPass, startClearPass } from '../simulators/clearpass.ts';
import { startUnderFaults, type UnderFaults } from './harness.ts';
import { questionRun } from './question-run.ts';

let service: UnderFaults;
let clearPass: ClearPass;
beforeAll(async () => {
  [service, clearPass] = await Promise.all([startUnderFaults(3), startClearPass()]);
}, 600_000); // beside others, the start alone has taken longer than tests have by default
afterAll(async () => {
  for (const each of [service, clearPass] as (UnderFaults | ClearPass | undefined)[]) await each?.stop();
});

test.each([1, 2, 3])(
  'of a thousand posts none is lost and nothing old stands, whatever fails in between: seed %i',
  async (seed) => {
    const { posts, wrong, receiptsMissing, provoked } = await faultRun(service, seed, 1_000);

    expect({ posts, wrong, receiptsMissing }).toEqual({ posts: 1_000, wrong: [], receiptsMissing: [] });
    for (const fault of [
      ...['request lost', 'answer lost', 'answer cut', 'delayed', 'throttled', 'failed before', 'failed after'],
      ...['statements failed', 'keys unprocessed', 'items unprocessed'],
    ]) {
      expect([fault, provoked[fault] ?? 0]).not.toEqual([fault, 0]);
    }
  },
  600_000,
);

test('each question is answered in the end, over no more than twenty connections, whatever becomes of its messages', async () => {
  const { asked, wrong, pendingForEver, maxOpenSockets, provoked } = await questionRun(service, clearPass, 4, 20);

  expect({ asked, wrong, pendingForEver }).toEqual({ asked: 40, wrong: [], pendingForEver: [] });
  expect(maxOpenSockets).toBeLessThanOrEqual(20);
  expect(Object.keys(provoked)).toEqual(expect.arrayContaining(['refused', 'delivered again']));
}, 600_000);
