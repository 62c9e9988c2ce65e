/** Whole stories through the running service: the bundles, the gateway, the authorizer, the tables, on this machine. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as openTls } from 'node:tls';
import { minutes } from '../support/observations.ts';
import { needs } from './needs.ts';
import { type Answered, type Authorization, basic, call, type Service, startService } from './service.ts';

let service: Service;
let moved = 0;
beforeAll(async () => {
  service = await startService();
});
afterAll(async () => service.stop());

const postPath = '/api/userfw/v1/post-entry';
const as = (role: keyof Service['authorizations']['acme'], tenant: 'acme' | 'globex' = 'acme') =>
  service.authorizations[tenant][role];
const post = async (body: string | Uint8Array<ArrayBuffer>, authorization: Authorization = as('web-api')) =>
  call(service.url, `POST ${postPath}`, authorization, body);
const get = async (path: `/${string}`, tenant: 'acme' | 'globex' = 'acme') =>
  call(service.url, `GET ${path}`, as('operator', tenant));
const userAt = async (ip: string, tenant: 'acme' | 'globex' = 'acme') => {
  const { status, body } = await get(`/v1/entries/${ip}`, tenant);
  return status === 404 ? body.code : (body.entry as { user: string }).user;
};
const travel = (milliseconds: number) => {
  moved += milliseconds;
  service.runtime.advanceClock(milliseconds);
};

/** So many seconds from now by the service's clock, as a client writes it. */
const at = (seconds: number) => new Date(Date.now() + moved + seconds * 1_000).toISOString();
const entry = (fields: Record<string, string>) =>
  `<userfw-entry>${Object.entries(fields).map(([name, text]) => `<${name}>${text}</${name}>`).join('')}</userfw-entry>`; // prettier-ignore
const entries = (...each: Record<string, string>[]) => `<userfw-entries>${each.map(entry).join('')}</userfw-entries>`;
const logon = (ip: string, user: string, timestamp: string) => ({ operation: 'logon', IP: ip, user, timestamp });
const logoff = (ip: string, timestamp: string, user?: string) => ({ operation: 'logoff', IP: ip, timestamp, ...(user !== undefined && { user }) }); // prettier-ignore

describe('a post', () => {
  test('by PacketFence, byte for byte and without a Content-Type, is answered 200 and looked up at once', async () => {
    const body = readFileSync(new URL('../examples/clearpass/packetfence-logon.xml', import.meta.url));
    const answered = await sendRaw(body, { Authorization: as('web-api') });
    const { status, body: found } = await get('/v1/entries/192.0.2.50');

    expect(answered).toBe(200);
    expect(status).toBe(200);
    expect(found.entry).toMatchObject({
      ip: '192.0.2.50',
      state: 'valid',
      domain: 'example.com',
      user: 'alice',
      groups: ['posture-healthy', 'employee'],
      posture: 'HEALTHY',
      source: 'PacketFence',
      instant: '2024-10-24T14:40:30Z',
      timeoutMinutes: 30,
    });
    expect(found.entry).toMatchObject({
      device: {
        identity: 'alice-laptop',
        groups: ['employee'],
        category: 'windows os',
        os: 'windows 10',
        osVersion: '"10.0"',
      },
    });
  });

  test('is seen by its own tenant only', async () => {
    await post(entries(logon('192.0.2.60', 'alice', at(0))));
    await post(entries(logon('192.0.2.60', 'gwen', at(0))), as('web-api', 'globex'));

    expect(await userAt('192.0.2.60')).toBe('alice');
    expect(await userAt('192.0.2.60', 'globex')).toBe('gwen');
    await call(service.url, 'DELETE /v1/entries/192.0.2.60', as('operator', 'globex'));
    expect(await userAt('192.0.2.60')).toBe('alice');
    expect(await userAt('192.0.2.60', 'globex')).toBe('entry-absent');
  });

  test('that is repeated changes nothing', async () => {
    const body = entries(logon('192.0.2.61', 'alice', at(0)));

    const first = await post(body);
    const second = await post(body);

    expect(first.body).toMatchObject({ stored: 1, replayed: 0 });
    expect(second.body).toMatchObject({ stored: 0, replayed: 1 });
  });

  test('with a logon that comes after its logoff brings nobody back', async () => {
    const late = entries(logon('192.0.2.62', 'alice', at(-60)));

    await post(entries(logoff('192.0.2.62', at(0))));
    const answered = await post(late);

    expect(answered.body).toMatchObject({ stale: 1, remarks: [{ code: 'ended-by-newer-logoff' }] });
    expect(await userAt('192.0.2.62')).toBe('entry-absent');
  });

  needs('clock')('with a logon that comes after its logoff brings nobody back a day later either', async () => {
    const late = entries(logon('192.0.2.66', 'alice', at(-60)));
    await post(entries(logoff('192.0.2.66', at(0))));
    travel(minutes(23 * 60));
    await service.runtime.sweep();
    await post(late);

    expect(await userAt('192.0.2.66')).toBe('entry-absent');
  });

  test('with a logoff of somebody else ends nothing, and says so', async () => {
    await post(entries(logon('192.0.2.63', 'alice', at(-1))));
    const answered = await post(entries(logoff('192.0.2.63', at(0), 'bob')));

    expect(answered.body).toMatchObject({ remarks: [{ code: 'logoff-other-user' }] });
    expect(await userAt('192.0.2.63')).toBe('alice');
  });

  needs('clock')('is gone to the second when its timeout is over, from look-ups, lists and counts', async () => {
    await post(entries({ ...logon('192.0.2.64', 'alice', at(0)), domain: 'expiring' }));
    const listed = async () => (await get('/v1/entries?domain=expiring')).body.items;
    const counted = async () => JSON.stringify((await get('/v1/entries/counters')).body).includes('expiring');
    expect([await userAt('192.0.2.64'), await listed(), await counted()]).toMatchObject([
      'alice',
      [{ ip: '192.0.2.64' }],
      true,
    ]);

    travel(minutes(30));

    expect([await userAt('192.0.2.64'), await listed(), await counted()]).toEqual(['entry-absent', [], false]);
  });

  test('of thirty entries is stored in batches, and a delete of their user ends them all', async () => {
    const ips = Array.from({ length: 30 }, (_, host) => `198.51.100.${host}`);

    const posted = await post(entries(...ips.map((ip) => logon(ip, 'bob', at(0)))));
    const deleted = await call(service.url, 'DELETE /v1/entries?user=bob&domain=global', as('operator'));

    expect(posted.body).toMatchObject({ stored: 30 });
    expect(deleted).toMatchObject({ status: 200, body: { deleted: 30 } });
  });

  needs('pace')('of 3,000 entries is stored whole, and listed page by page, each once', async () => {
    const ips = Array.from(
      { length: 3_000 },
      (_, index) => `10.${index % 7}.${Math.floor(index / 250)}.${index % 250}`,
    );
    const answered = await post(entries(...ips.map((ip) => ({ ...logon(ip, 'carol', at(0)), domain: 'bulk' }))));
    expect(answered.body).toMatchObject({ stored: 3_000, refused: 0 });

    const listed: string[] = [];
    let next: unknown = null;
    do {
      const page: Answered = await get(
        `/v1/entries?domain=bulk&limit=1000${typeof next === 'string' ? `&cursor=${next}` : ''}`,
      );
      listed.push(...(page.body.items as { ip: string }[]).map(({ ip }) => ip));
      ({ next } = page.body);
    } while (next !== null);

    expect(listed.toSorted()).toEqual(ips.toSorted());
  });

  test('is taken from a client that speaks HTTP/1.0 and from one that waits for the challenge', async () => {
    const body = entries(logon('192.0.2.65', 'alice', at(0)));
    const challenged = await fetch(service.url + postPath, { method: 'POST', body });
    const { host, pathname } = new URL(service.url);
    const old = await speakHttp10(
      `POST ${pathname.replace(/\/$/, '')}${postPath} HTTP/1.0\r\nHost: ${host}\r\nAuthorization: ${as('web-api')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );

    expect(challenged.status).toBe(401);
    expect(challenged.headers.get('WWW-Authenticate')).toMatch(/^Basic realm="/);
    expect(old).toMatch(/^HTTP\/1\.[01] 200 /);
    expect(await userAt('192.0.2.65')).toBe('alice');
  });
});

describe('what is refused', () => {
  const good = entries(logon('198.51.100.77', 'mallory', '2026-01-01T00:00:00Z'));
  const refused: [string, () => Promise<Answered>, number, string | undefined][] = [
    ['no credentials', async () => call(service.url, `POST ${postPath}`, undefined, good), 401, undefined],
    ['an unknown user', async () => post(good, basic('acme-nobody', 'wrong')), 401, undefined],
    ['the wrong role', async () => post(good, as('operator')), 403, 'role-refused'],
    [
      'the wrong method',
      async () => call(service.url, `PUT ${postPath}`, as('web-api'), good),
      405,
      'method-not-allowed',
    ],
    ['a path that is not there', async () => call(service.url, 'POST /api/userfw/v1/post-entries', as('web-api'), good), 404, undefined], // prettier-ignore
    ['a stage before the path', async () => call(service.url, `POST /live${postPath}`, as('web-api'), good), 404, undefined], // prettier-ignore
    ['2 MB and one byte', async () => post(good.padEnd(2_097_153)), 413, 'body-too-large'],
    ['a DOCTYPE', async () => post(`<!DOCTYPE x [<!ENTITY a "b">]>${good}`), 400, 'xml-doctype'],
    [
      'a body in UTF-16',
      async () => post(new Uint8Array(Buffer.from(`\ufeff${good}`, 'utf16le'))),
      400,
      'xml-not-utf8',
    ],
    ['an ampersand that was not escaped', async () => post(good.replace('mallory', 'm & m')), 400, 'xml-entity'],
    ['an address in no known form', async () => post(good.replace('198.51.100.77', '198.51.100.077')), 400, 'no-entry-stored'], // prettier-ignore
    ['a lookup of no address', async () => get('/v1/entries/10.1'), 400, 'address-invalid'],
    ['a lookup with a prefix', async () => get('/v1/entries/10.0.0.1%2F24'), 400, 'address-invalid'],
    ['a list by an unknown parameter', async () => get('/v1/entries?name=alice'), 400, 'parameter-unknown'],
    [
      'a delete of everything',
      async () => call(service.url, 'DELETE /v1/entries', as('operator')),
      400,
      'filter-missing',
    ],
    ['a delete by an auditor', async () => call(service.url, 'DELETE /v1/entries/192.0.2.50', as('auditor')), 403, 'role-refused'], // prettier-ignore
    ['a tenant’s operator at the provider’s door', async () => get('/v1/tenants'), 403, 'role-refused'],
  ];

  test.each(refused)('%s is answered with a status, a code and what to do', async (_, send, status, code) => {
    const { status: answered, headers, body } = await send();

    expect(answered).toBe(status);
    expect(headers.get('Content-Type')).toBe('application/problem+json');
    expect(body).toMatchObject({ status, detail: expect.any(String) as string });
    if (code !== undefined) expect(body.code).toBe(code);
  });

  test('of all that nothing was stored', async () => {
    await Promise.all(refused.map(async ([, send]) => send()));

    expect(await userAt('198.51.100.77')).toBe('entry-absent');
  });

  test('a refused post is found among the receipts of its tenant, and of no other', async () => {
    await post('<userfw-entries><userfw-entry>\n<IP>', as('web-api', 'globex'));

    const { body } = await get('/v1/receipts?status=refused&limit=1', 'globex');
    const other = await get('/v1/receipts?status=refused');

    expect(body.items).toMatchObject([{ kind: 'post', status: 'refused', code: 'xml-malformed', httpStatus: 400, remarks: [{ line: 2 }] }]); // prettier-ignore
    expect(JSON.stringify(other.body)).not.toContain((body.items as { id: string }[])[0]?.id);
  });

  needs('clock')('a known user’s wrong password leaves one receipt a minute', async () => {
    travel(minutes(3) - ((Date.now() + moved) % minutes(1))); // to where a minute begins
    const [known = ''] = Buffer.from(as('web-api', 'globex').slice(6), 'base64').toString().split(':');

    for (let count = 0; count < 3; count += 1) await post(good, basic(known, 'a-guess-at-it'));

    const { body } = await get('/v1/receipts?status=refused', 'globex');
    const logins = (body.items as { kind: string }[]).filter(({ kind }) => kind === 'login');
    expect(logins).toHaveLength(1);
    expect(JSON.stringify(logins)).not.toContain('a-guess-at-it');
  });
});

describe('a credential', () => {
  test('that is revoked opens nothing from then on', async () => {
    const provider = as('provider');
    const issued = await call(service.url, `POST /v1/tenants/${service.tenants.acme}/credentials`, provider, JSON.stringify({ role: 'auditor', name: 'for a day' })); // prettier-ignore
    const { id, token } = issued.body as { id: string; token: string };
    const look = async () => (await call(service.url, 'GET /v1/entries', `Bearer ${token}`)).status;
    expect(await look()).toBe(200);

    await call(service.url, `POST /v1/tenants/${service.tenants.acme}/credentials/${id}/revoke`, provider, '{}');

    expect(await look()).toBe(401);
  });

  test('that is rotated is good in both forms, until the older is revoked', async () => {
    const provider = as('provider');
    const issued = await call(service.url, `POST /v1/tenants/${service.tenants.acme}/credentials`, provider, JSON.stringify({ role: 'web-api', name: 'cppm-2' })); // prettier-ignore
    const { id, user, password } = issued.body as { id: string; user: string; password: string };

    const rotated = await call(
      service.url,
      `POST /v1/tenants/${service.tenants.acme}/credentials/${id}/rotate`,
      provider,
      '{}',
    );
    const newer = (rotated.body as { password: string }).password;

    for (const each of [password, newer]) {
      expect((await post(entries(logon('192.0.2.70', 'alice', at(0))), basic(user, each))).status).toBe(200);
    }
  });
});

/** As a client does that names no type: fetch would add one. */
async function sendRaw(body: Uint8Array, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const send = service.url.startsWith('https:') ? requestTls : request;
    const sending = send(
      service.url + postPath,
      { method: 'POST', headers: { ...headers, 'Content-Length': body.length } },
      (answer) => {
        answer.resume().once('end', () => resolve(answer.statusCode));
      },
    );
    sending.once('error', reject).end(body);
  });
}

async function speakHttp10(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { protocol, hostname: host, port } = new URL(service.url);
    const send = () => socket.write(text);
    const socket: Socket =
      protocol === 'https:'
        ? openTls({ host, servername: host, port: Number(port || 443) }, send)
        : connect({ host, port: Number(port || 80) }, send);
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.once('error', reject).once('close', () => resolve(answer));
  });
}
