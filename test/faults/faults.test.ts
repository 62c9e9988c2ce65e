/** Posts while requests and answers between functions and their engines get lost, fail, come late and are told wrong. */
import { faultRun } from './fault-run.ts';
import { startUnderFaults, type UnderFaults } from './harness.ts';

let service: UnderFaults;
beforeAll(async () => {
  service = await startUnderFaults(3);
});
afterAll(async () => service.stop());

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
  280_000,
);
