import { queueConnectorNotifier } from '../../shared/connectors/connector-queue.ts';
import { sendWork } from '../../shared/connectors/send-work.ts';
import { ipAddress } from '../../shared/identity/address.ts';
import { aConnector } from '../support/connectors.ts';
import { fakeWorkQueues } from '../support/fake-work-queues.ts';
import { acme, globex } from '../support/observations.ts';

const host = ipAddress('10.0.1.10');
const clearPass = aConnector({ name: 'cppm', type: 'clearpass', address: 'ClearPass.example.net', port: 8443 });

test('work goes to the queue of connectors, and that for a ClearPass to the query cell of its server', async () => {
  const queues = fakeWorkQueues({ 'clearpass.example.net:8443': 1 });
  const check = { tenant: acme, work: 'check', connector: 'pps-1' } as const;
  const ofClearPass = { tenant: globex, work: 'check', connector: 'cppm' } as const;

  await sendWork(queues, check, aConnector());
  await sendWork(queues, ofClearPass, clearPass, 5);
  await sendWork(queues, { tenant: acme, work: 'tell', ip: host });

  expect(queues.sent).toEqual([
    { place: 'connectors', message: check, delaySeconds: 0 },
    { place: 1, message: ofClearPass, delaySeconds: 5 },
    { place: 'connectors', message: { tenant: acme, work: 'tell', ip: host }, delaySeconds: 0 },
  ]);
});

test('a host whose message cannot be sent is told to the log, and whoever tells of it goes on', async () => {
  const queues = fakeWorkQueues();
  const warned: unknown[] = [];
  const notifier = queueConnectorNotifier(queues.connectors, { warn: (...told) => warned.push(told) });

  await notifier.tell(acme, host);
  queues.breakDown();
  await notifier.tell(globex, host);

  expect(queues.sent).toEqual([{ place: 'connectors', message: { tenant: acme, work: 'tell', ip: host }, delaySeconds: 0 }]); // prettier-ignore
  expect(warned).toMatchObject([['host-not-announced', { tenant: globex, ip: host }]]);
});
