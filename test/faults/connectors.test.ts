/** Polls, pushes, tells and clears while tables, queues, workers and the systems behind connectors fail. */
import { connectorRun } from './connector-run.ts';
import { startUnderFaults, type UnderFaults } from './harness.ts';

let service: UnderFaults;
beforeAll(async () => {
  service = await startUnderFaults(1);
}, 600_000); // beside others, the start alone has taken longer than tests have by default
afterAll(async () => (service as UnderFaults | undefined)?.stop());

test('each system behind a connector holds exactly whom the rules say in the end, whatever fails and whoever is ended in between', async () => {
  const { wrong, unsettled, drifted, killed, provoked } = await connectorRun(service, 3, 2);

  expect({ wrong, unsettled, drifted }).toEqual({ wrong: [], unsettled: [], drifted: [] });
  expect(killed).toBeGreaterThan(5);
  expect(Object.keys(provoked)).toEqual(expect.arrayContaining(['request lost', 'answer lost', 'answer cut', 'delayed', 'throttled', 'failed before', 'failed after'])); // prettier-ignore
}, 600_000);
