/** Many questions to a server that misbehaves: as many sockets as workers, and never one more. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { askClearPass } from '../../shared/outbound/clearpass-client.ts';
import { serverName } from '../../shared/user-query/servers.ts';
import { sharedTokens } from '../../shared/user-query/tokens.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { type ClearPass, startClearPass } from '../simulators/clearpass.ts';
import { fakeTokenStore } from '../support/fake-token-store.ts';
import { acme, globex } from '../support/observations.ts';
import { budgets, reach, settingsFor } from '../support/questions.ts';

/** Some hang for good; the others may take long on a machine that is busy. */
const within = { ...reach, budgets: { ...budgets, answer: 5_000 } };

let clearPass: ClearPass;
beforeEach(async () => {
  clearPass = await startClearPass({ seed: 20 });
  clearPass.behave({ latencyMs: 50, jitterMs: 50, hang: 0.02, resetRate: 0.05, errorRate: 0.05 });
});
afterEach(async () => clearPass.stop());

/** Each worker asks one question after another; every second one is of another tenant. */
async function burst(workers: number, questions: number, connectMethod: 'http' | 'https') {
  const door = connectMethod === 'https' ? clearPass.tlsServer : clearPass.server;
  const server = { name: 'cppm', ...door, connectMethod };
  const store = fakeTokenStore();
  const outcomes = new Map<string, number>();
  let asked = 0;
  const work = async () => {
    const tokens = sharedTokens({ tokens: store, now: Date.now, wait, newId: randomUUID });
    while (asked < questions) {
      asked += 1;
      const ip = `10.0.${asked >> 8}.${asked & 255}` as IpAddress;
      const [tenant, clientId] = asked % 2 === 0 ? [acme, 'of acme'] : [globex, 'of globex'];
      const settings = settingsFor(door, { server, caCertificate: clearPass.caCertificate, clientId });
      const findToken = tokens({ tenant, server: serverName(server), clientId });
      const { outcome } = await askClearPass({ settings, ip, findToken }, within);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return outcomes;
}

test.each(['http', 'https'] as const)(
  'twenty workers have twenty sockets over %s, and none at the end',
  async (method) => {
    const outcomes = await burst(20, 300, method);
    await clearPass.deserted();

    const { maxOpenSockets, tokens } = clearPass.statistics();
    expect(maxOpenSockets).toBeLessThanOrEqual(20);
    expect(maxOpenSockets).toBeGreaterThanOrEqual(18);
    expect(tokens).toBe(2); // one of each tenant
    expect(outcomes.get('nobody')).toBeGreaterThan(200);
    expect(outcomes.get('unreachable')).toBeGreaterThan(20);
    expect(outcomes.get('refused')).toBeUndefined();
  },
);

test('forty workers have more than twenty: the count would tell', async () => {
  await burst(40, 200, 'http');

  expect(clearPass.statistics().maxOpenSockets).toBeGreaterThan(20);
});

test('a question is asked with the token of its own tenant', async () => {
  await burst(20, 100, 'http');

  for (const { ip, clientId } of clearPass.questions()) {
    expect([ip, clientId]).toEqual([ip, Number(ip.split('.')[3]) % 2 === 0 ? 'of acme' : 'of globex']);
  }
});
