/** What the reckoning of the cost says of a post, held to what the engine says that a post has consumed. */
import type { APIGatewayProxyResult } from 'aws-lambda';

import { operations } from '../../infra/cost/tenant-model.ts';
import { type CountingProxy, countingProxy } from '../bench/counting-proxy.ts';
import { type Engine, environmentOf, startEmbedded, tables } from '../support/engine.ts';
import { aCaller, aContext, anApiEvent } from '../support/requests.ts';

const post = operations.find((each) => each.function === 'post-entries');

describe('on the embedded engine', () => {
  let engine: Engine;
  /** One behind the other, each for one table. */
  const proxies: CountingProxy[] = [];
  let send: (user: string) => Promise<APIGatewayProxyResult>;

  beforeAll(async () => {
    engine = await startEmbedded();
    let endpoint = engine.endpoint;
    for (const table of Object.values(tables)) {
      const proxy = await countingProxy(endpoint, table);
      proxies.push(proxy);
      endpoint = proxy.endpoint;
    }
    Object.assign(process.env, environmentOf(endpoint), { POWERTOOLS_LOG_LEVEL: 'SILENT' });
    const { handler } = await import('../../functions/post-entries/handler.ts');
    send = async (user) =>
      (handler as unknown as (event: object, context: object) => Promise<APIGatewayProxyResult>)(
        anApiEvent({ route: 'POST /api/userfw/v1/post-entry', caller: aCaller('web-api'), body: logonOf(user) }),
        aContext(),
      );
  });

  afterAll(async () => {
    for (const proxy of proxies.reverse()) await proxy.stop();
    await engine.stop();
  });

  test('a post of one entry that is news takes at most the units that the model says, and hardly less', async () => {
    await send('alice'); // reads what is kept from then on
    for (const proxy of proxies) proxy.take();

    // What is kept has to be read again after some seconds, which one of these posts may be the one to do.
    const posts: { readUnits: number; writeUnits: number }[] = [];
    for (const user of ['bob', 'carol', 'dave']) {
      expect((await send(user)).statusCode).toBe(200);
      const traffic = proxies.map((proxy) => proxy.take());
      const sum = (of: 'readUnits' | 'writeUnits') => traffic.reduce((units, each) => units + each[of], 0);
      posts.push({ readUnits: sum('readUnits'), writeUnits: sum('writeUnits') });
    }
    const total = (of: 'readUnits' | 'writeUnits') => Math.min(...posts.map((each) => each[of]));

    // What is noted once a minute, and once for several posts, is in some posts and not in others.
    expect(post?.reads).toBeGreaterThanOrEqual(total('readUnits'));
    expect(post?.writes).toBeGreaterThanOrEqual(total('writeUnits'));
    expect((post?.writes ?? 0) - total('writeUnits')).toBeLessThanOrEqual(1);
  });
});

const logonOf = (user: string) =>
  `<userfw-entries><userfw-entry><source>Aruba ClearPass</source><operation>logon</operation><IP>192.0.2.50</IP><domain>acme</domain><user>${user}</user><role-list><role>staff</role></role-list><posture>Healthy</posture></userfw-entry></userfw-entries>`;
