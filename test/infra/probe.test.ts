import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { accountChecks } from '../../infra/account-checks.ts';
import { allChecks, probe } from '../../infra/probe.ts';
import { startService, type Service } from '../end-to-end/service.ts';

test('every line of docs/unverified.md has its check in the probe, and the reverse', () => {
  const document = readFileSync(fileURLToPath(new URL('../../docs/unverified.md', import.meta.url)), 'utf8');
  const ids = [...document.matchAll(/^- `([\w-]+)`:/gm)].map(([, id]) => id);

  expect(ids).toEqual(Object.keys(allChecks));
});

describe('on one machine', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(async () => service.stop());

  test('the probe finds all as we rely on it, but for what takes its time', async () => {
    const { url, bareUrl, outputs, endpoints } = service.runtime;
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const dynamodb = new DynamoDBClient({ endpoint: endpoints.dynamodb, region: 'us-east-1', credentials });
    const lines: string[] = [];

    const say = (line: string) => void lines.push(line);
    await probe(
      { ApiUrl: bareUrl, Url: url, TenantsTableName: outputs.TenantsTableName ?? '' },
      dynamodb,
      say,
      'short',
    );

    const notHere = ['cold-starts', 'batch-loop', ...Object.keys(accountChecks)];
    const asked = lines.filter((line) => !notHere.some((id) => line.includes(` ${id} `)));
    expect(asked.filter((line) => !line.startsWith('proven'))).toEqual([]);
    expect(asked).toHaveLength(Object.keys(allChecks).length - notHere.length);
  });
});
