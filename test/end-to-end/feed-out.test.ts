/** The feed for firewalls through the running service: who is in it, for whom, and since when. */
import { needs } from './needs.ts';
import { basic, call, type Service, startService } from './service.ts';
import { aSite } from './site.ts';

let service: Service;
let acme: ReturnType<typeof aSite>;
let globex: ReturnType<typeof aSite>;
beforeAll(async () => {
  service = await startService();
  [acme, globex] = [aSite(service, 'acme'), aSite(service, 'globex')];
  for (const site of [acme, globex]) expect((await site.setUp()).status).toBe(200);
});
afterAll(async () => service.stop());

type Tenant = 'acme' | 'globex';

/** As a firewall polls: with Basic credentials, user `token`. */
async function poll(
  tenant: Tenant,
  role: 'enforcement-point' | 'operator' | 'auditor' | 'threat-sender' = 'enforcement-point',
  seen?: string,
) {
  // prettier-ignore
  const told = service.authorizations[tenant][role];
  const authorization = told.startsWith('Bearer ') ? basic('token', told.slice('Bearer '.length)) : told;
  const answer = await fetch(`${service.url}/v1/feeds/infected-hosts.txt`, {
    headers: { Authorization: authorization, ...(seen !== undefined && { 'If-None-Match': seen }) },
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

test('where nobody is held it is empty, and no error: a firewall lets go of whom it kept out', async () => {
  const { status, headers, text } = await poll('globex');

  expect({ status, text }).toEqual({ status: 200, text: '' });
  expect(headers.get('content-type')).toMatch(/^text\/plain/);
  expect(headers.get('cache-control')).toBe('private, max-age=15');
});

test('enforcement points, operators and auditors may read it, others may not', async () => {
  expect((await poll('globex', 'operator')).status).toBe(200);
  expect((await poll('globex', 'auditor')).status).toBe(200);
  expect((await poll('globex', 'threat-sender')).status).toBe(403);
  expect((await call(service.url, 'GET /v1/feeds/infected-hosts.txt')).status).toBe(401);
  const asked = await call(service.url, 'GET /v1/feeds/infected-hosts.txt?since=1', service.authorizations.globex.operator); // prettier-ignore
  expect(asked).toMatchObject({ status: 400, body: { code: 'parameter-unknown' } });
});

needs('clock')(
  'a host that is held is in the feed of its tenant alone, at every address, until it is free',
  async () => {
    const laptop = acme.device('00:11:22:33:fd:01', 'alice');
    await laptop.joins('desk', { ip: '192.0.2.110' });
    await globex.device('00:11:22:33:fd:01', 'alice').joins('desk', { ip: '192.0.2.110' });
    await acme.threat('quarantine-endpoint', '192.0.2.110', { severity: 'high' });
    expect((await poll('acme')).text).toBe('192.0.2.110/32\n');

    // It logs in again in quarantine, where it gets other addresses: the one of the event stays.
    await laptop.leaves();
    await laptop.joins('wifi', { ip: '192.0.2.9' });
    await laptop.tells('2001:db8::1');
    service.runtime.advanceClock(15_000);
    const { text, headers } = await poll('acme');
    expect(text).toBe('192.0.2.9/32\n192.0.2.110/32\n2001:db8::1/128\n');
    expect((await poll('globex')).text).toBe('');

    const tag = headers.get('etag') ?? '';
    expect(tag).toMatch(/^"[\w-]+"$/);
    expect(await poll('acme', 'enforcement-point', tag)).toMatchObject({ status: 304, text: '' });
    service.runtime.advanceClock(15_000);
    expect((await poll('acme', 'enforcement-point', tag)).status).toBe(304);

    // Somebody else has the address of the event now.
    await acme.device('00:11:22:33:fd:02', 'bob').joins('desk', { ip: '192.0.2.110' });
    service.runtime.advanceClock(15_000);
    expect(await poll('acme', 'enforcement-point', tag)).toMatchObject({ status: 200, text: '192.0.2.9/32\n2001:db8::1/128\n' }); // prettier-ignore

    await laptop.act('clear', { hold: 'all' });
    service.runtime.advanceClock(15_000);
    expect(await poll('acme')).toMatchObject({ status: 200, text: '' });
  },
);
