import { asOneLine } from '../../shared/edge/event-line.ts';
import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { acme, globex, noon } from '../support/observations.ts';

const written = () => {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const told = () => lines.map((line) => JSON.parse(line) as unknown);
  return { measure: embeddedMetrics(write), write, lines, told };
};

test('metrics are one line of JSON in the embedded format of CloudWatch: a series a name, and the tenant beside it', () => {
  const { measure, lines, told } = written();

  measure(acme, noon, { PostsRefused: 1, SenderClockSkew: -20 }, { credentialId: 'credential-1' });
  measure(globex, noon, { DeafSenders: 0 });

  expect(told()).toEqual([
    {
      message: 'measurement',
      level: 'INFO',
      timestamp: new Date(noon).toISOString(),
      service: 'postern',
      tenant: 'acme',
      credentialId: 'credential-1',
      PostsRefused: 1,
      SenderClockSkew: -20,
      _aws: {
        Timestamp: noon,
        CloudWatchMetrics: [
          {
            Namespace: 'Postern',
            Dimensions: [['service']],
            Metrics: [
              { Name: 'PostsRefused', Unit: 'Count' },
              { Name: 'SenderClockSkew', Unit: 'Milliseconds' },
            ],
          },
        ],
      },
    },
    expect.objectContaining({ tenant: 'globex', DeafSenders: 0 }),
  ]);
  expect(lines.every((line) => !line.includes('\n'))).toBe(true);
});

test('nothing is written where nothing is measured', () => {
  const { measure, lines } = written();

  measure(acme, noon, {});

  expect(lines).toEqual([]);
});

test('what is measured of an event stands in its line, and what is counted twice is one sum', async () => {
  const { measure, write, told } = written();

  await asOneLine('message', { requestId: 'request-1' }, { now: () => noon, write }, async () => {
    measure(acme, noon, { PostsRefused: 1 }, { receipt: 'receipt-1' });
    await Promise.resolve();
    measure(acme, noon, { PostsRefused: 1, EntriesStored: 3 });
  });

  expect(told()).toEqual([
    expect.objectContaining({
      message: 'message',
      requestId: 'request-1',
      tenant: 'acme',
      receipt: 'receipt-1',
      PostsRefused: 2,
      EntriesStored: 3,
    }),
  ]);
});

test('what is measured of another tenant in between is a line of its own, which names the event', async () => {
  const { measure, write, told } = written();

  await asOneLine('run', { requestId: 'run-1', tenant: acme }, { now: () => noon, write }, async () => {
    measure(globex, noon, { DeafSenders: 1 });
    await Promise.resolve();
  });

  expect(told()).toMatchObject([
    { message: 'measurement', requestId: 'run-1', tenant: 'globex', DeafSenders: 1 },
    { message: 'run', requestId: 'run-1', tenant: 'acme' },
  ]);
  expect(told()[1]).not.toHaveProperty('_aws');
});

test('events that run at the same time keep their numbers apart', async () => {
  const { measure, write, told } = written();
  const event = (tenant: typeof acme, count: number) =>
    asOneLine('message', { tenant }, { now: () => noon, write }, async () => {
      await Promise.resolve();
      measure(tenant, noon, { EntriesStored: count });
    });

  await Promise.all([event(acme, 1), event(globex, 2)]);

  expect(told()).toMatchObject([
    { tenant: 'acme', EntriesStored: 1 },
    { tenant: 'globex', EntriesStored: 2 },
  ]);
});

test('CloudWatch drops a metric of more than 100 values: counts are summed, the greatest level is kept, and times go on in another line', async () => {
  const { measure, write, told } = written();

  await asOneLine('run', { requestId: 'run-1' }, { now: () => noon, write }, async () => {
    await Promise.resolve();
    for (let each = 1; each <= 101; each += 1) {
      measure(acme, noon, { ChangesSent: 1, ChangesOverdue: each, ChangeSentAfter: each });
    }
  });

  expect(told()).toMatchObject([
    { message: 'run', requestId: 'run-1', tenant: 'acme', ChangesSent: 101, ChangesOverdue: 101 },
    { message: 'measurement', requestId: 'run-1', tenant: 'acme', ChangeSentAfter: 101 },
  ]);
  expect((told()[0] as { ChangeSentAfter: number[] }).ChangeSentAfter).toHaveLength(100);
  expect(told()[1]).not.toHaveProperty('ChangesSent');
});
