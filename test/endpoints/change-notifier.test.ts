import { changeMessage, type ChangeMessage } from '../../shared/endpoints/change-message.ts';
import { changeNotifier } from '../../shared/endpoints/change-notifier.ts';
import { macAddress } from '../../shared/endpoints/mac.ts';
import { tenantId } from '../../shared/tenancy/tenant.ts';
import { fakeChangeQueue } from '../support/fake-change-queue.ts';

const [acme, globex] = [tenantId('acme'), tenantId('globex')];
const mac = macAddress('00:11:22:33:ca:fe');

function notifier() {
  const queue = fakeChangeQueue();
  const unsent: ChangeMessage[] = [];
  const settingsOf = async (tenant: string) =>
    Promise.resolve({ changeOfAuthorization: tenant === acme ? ('direct' as const) : ('site' as const) });
  return { queue, unsent, ...changeNotifier({ queue, settingsOf, unsent: (message) => unsent.push(message) }) };
}

test('where we tell the switches, the worker hears of the endpoint; where the site does, nobody has to', async () => {
  const { queue, changed } = notifier();

  await changed(acme, mac);
  await changed(globex, mac);

  expect(queue.sent).toEqual([{ message: { tenant: acme, mac }, delaySeconds: 0 }]);
});

test('an act does not fail because its message cannot be sent', async () => {
  const { queue, unsent, changed } = notifier();
  queue.breakDown();

  await changed(acme, mac);

  expect(unsent).toEqual([{ tenant: acme, mac }]);
});

test('an act does not fail because the configuration cannot be read', async () => {
  const unsent: ChangeMessage[] = [];
  const { changed } = changeNotifier({
    queue: fakeChangeQueue(),
    settingsOf: async () => Promise.reject(new Error('The table does not answer.')),
    unsent: (message) => unsent.push(message),
  });

  await changed(acme, mac);

  expect(unsent).toEqual([{ tenant: acme, mac }]);
});

test('a message is read as it was sent', () => {
  expect(changeMessage(JSON.stringify({ tenant: acme, mac }))).toEqual({ tenant: acme, mac });
});

test.each([
  ['no JSON', '{'],
  ['no object', '[]'],
  ['no tenant', JSON.stringify({ mac })],
  ['no MAC', JSON.stringify({ tenant: acme })],
  ['a tenant that nobody can be', JSON.stringify({ tenant: '_provider', mac })],
  ['a MAC that is none', JSON.stringify({ tenant: acme, mac: 'printer' })],
])('a message with %s is none of ours', (_, body) => {
  expect(() => changeMessage(body)).toThrow();
});
