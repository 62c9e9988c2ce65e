import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gatewayLoginCache } from '../../shared/tenancy/login-cache-client.ts';

/** What is answered where this listener stands for API Gateway. */
async function flushedBy(gateway: RequestListener) {
  const server = createServer(gateway).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const client = new APIGatewayClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  const answer = await gatewayLoginCache(client, 'api').flush();
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
  return answer;
}

test('the one stage of our API is told to forget, by its own name', async () => {
  const asked: string[] = [];

  const answer = await flushedBy(({ method, url }, response) => {
    asked.push(`${method ?? ''} ${url ?? ''}`);
    response.writeHead(202).end();
  });

  expect(answer).toBe('flushed');
  expect(asked).toEqual(['DELETE /restapis/api/stages/live/cache/authorizers']);
});

test.each([403, 429, 500])('that API Gateway answers %i is told, and no error', async (status) => {
  expect(await flushedBy((_, response) => void response.writeHead(status).end('{}'))).toBe('failed');
});
