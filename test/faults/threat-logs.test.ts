/** Threat logs on their way to ClearPass while tables, the queue and the receivers themselves fail. */
import { startUnderFaults, type UnderFaults } from './harness.ts';
import { logRun, rateLimit } from './log-run.ts';

let service: UnderFaults;
beforeAll(async () => {
  service = await startUnderFaults(1);
}, 600_000); // beside others, the start alone has taken longer than tests have by default
afterAll(async () => (service as UnderFaults | undefined)?.stop());

test('each that was accepted arrives, in the order of its firewall, and in no second more than the limit', async () => {
  const { lines, missing, wrong, hungUp, mostInASecond } = await logRun(service, 1, 40);

  expect({ lines, missing, wrong }).toEqual({ lines: 1_200, missing: [], wrong: [] });
  expect(hungUp).toBeGreaterThan(1);
  expect(mostInASecond).toBeLessThanOrEqual(rateLimit);
}, 600_000);
