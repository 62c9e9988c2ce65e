import { embeddedMetrics } from '../../shared/edge/metrics.ts';
import { acme, globex, noon } from '../support/observations.ts';

const written = () => {
  const lines: string[] = [];
  return { measure: embeddedMetrics((line) => lines.push(line)), lines };
};

test('metrics are one line of JSON in the embedded format of CloudWatch, by tenant', () => {
  const { measure, lines } = written();

  measure(acme, noon, { PostsRefused: 1, SenderClockSkew: -20 }, { credentialId: 'credential-1' });
  measure(globex, noon, { DeafSenders: 0 });

  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      _aws: {
        Timestamp: noon,
        CloudWatchMetrics: [
          {
            Namespace: 'Postern',
            Dimensions: [['Tenant']],
            Metrics: [
              { Name: 'PostsRefused', Unit: 'Count' },
              { Name: 'SenderClockSkew', Unit: 'Milliseconds' },
            ],
          },
        ],
      },
      Tenant: 'acme',
      credentialId: 'credential-1',
      PostsRefused: 1,
      SenderClockSkew: -20,
    },
    expect.objectContaining({ Tenant: 'globex', DeafSenders: 0 }),
  ]);
  expect(lines.every((line) => !line.includes('\n'))).toBe(true);
});

test('nothing is written where nothing is measured', () => {
  const { measure, lines } = written();

  measure(acme, noon, {});

  expect(lines).toEqual([]);
});
