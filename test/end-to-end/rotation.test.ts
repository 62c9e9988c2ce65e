/**
 * Secrets that are replaced while they are in use: of a credential, of the client at a ClearPass, of a switch. Whoever
 * changes them begins at whichever end; nothing is refused in between.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { formerSecretMs } from '../../shared/outbound/secrets.ts';
import { type ClearPass, startClearPass } from '../simulators/clearpass.ts';
import { startSwitch, type Switch } from '../simulators/switch.ts';
import { needs, simulators } from './needs.ts';
import { authorizationOf, call, type Service, startService } from './service.ts';
import { aSite } from './site.ts';

let service: Service;
let clearPass: ClearPass;
let device: Switch;
beforeAll(async () => {
  [service, clearPass, device] = await Promise.all([
    startService(),
    startClearPass({ address: simulators, clients: { postern: 'first' } }),
    startSwitch({ address: simulators, secret: 'first' }),
  ]);
});
afterAll(async () => Promise.all([service.stop(), clearPass.stop(), device.stop()]));

const as = (role: 'operator' | 'provider', tenant: 'acme' | 'globex') => service.authorizations[tenant][role];

/** Goes on with one request after another until it is told to end, and tells how each was answered. */
function underWay(request: () => Promise<number>) {
  const statuses: number[] = [];
  const ending = new AbortController();
  const done = (async () => {
    while (!ending.signal.aborted) statuses.push(await request());
  })();
  return {
    statuses,
    /** Once so many more have been answered. */
    async more(count: number) {
      const until = statuses.length + count;
      while (statuses.length < until) await wait(10);
    },
    async end() {
      ending.abort();
      await done;
      return [...new Set(statuses)];
    },
  };
}

const onePost = `<userfw-entries><userfw-entry><operation>logon</operation><IP>10.9.0.1</IP><user>alice</user></userfw-entry></userfw-entries>`;

test.each([
  [
    'a password',
    'web-api',
    async (authorization: string) => call(service.url, 'POST /api/userfw/v1/post-entry', authorization, onePost),
  ],
  [
    'a token',
    'enforcement-point',
    async (authorization: string) => call(service.url, 'GET /v1/entries/10.9.0.1', authorization),
  ],
] as const)('%s is rotated twice while its holder calls, who is never refused', async (_what, role, use) => {
  // prettier-ignore
  const of = `/v1/tenants/${service.tenants.acme}/credentials` as const;
  const provider = as('provider', 'acme');
  const issued = (await call(service.url, `POST ${of}`, provider, JSON.stringify({ role, name: `rotated ${role}` })))
    .body;
  await call(service.url, 'POST /api/userfw/v1/post-entry', service.authorizations.acme['web-api'], onePost);
  const secretsOf = (told: Record<string, unknown>) => told.secrets as { fingerprint: string }[];
  const [first] = secretsOf(issued);
  let authorization = authorizationOf(issued);
  const load = underWay(async () => (await use(authorization)).status);
  const rotate = async () => {
    const rotated = (await call(service.url, `POST ${of}/${String(issued.id)}/rotate`, provider)).body;
    await load.more(3); // still with the secret before
    authorization = authorizationOf({ ...issued, ...rotated });
    await load.more(3);
  };
  await load.more(1);

  await rotate();
  const withdrawn = authorizationOf(issued);
  const revocation = JSON.stringify({ secret: first?.fingerprint });
  const revoked = await call(service.url, `POST ${of}/${String(issued.id)}/revoke`, provider, revocation);
  await load.more(3);
  await rotate();

  expect(revoked.status).toBe(200);
  expect(await load.end()).toEqual([200]);
  expect((await use(withdrawn)).status).toBe(401);
});

describe('the secret of the client at a ClearPass', () => {
  const configured = async (clientSecret: string) => {
    const server = { name: 'cppm', ...clearPass.server, connectMethod: 'http' };
    const userQuery = { enabled: true, server, clientId: 'postern', clientSecret, delayQueryTime: 0 };
    const document = JSON.stringify({ clearpass: { userQuery } });
    return (await call(service.url, 'PUT /v1/configuration', as('operator', 'acme'), document)).status;
  };
  let asked = 0;
  /** Who is found at so many addresses that nobody was asked about before, or why nobody is. */
  const found = async (count: number) => {
    const ips = Array.from({ length: count }, () => `10.8.0.${(asked += 1)}`);
    for (const ip of ips) clearPass.setEndpoint(ip, { ip, user: 'alice', is_online: true });
    const outcomes = ips.map(async (ip) => {
      await call(service.url, 'POST /v1/queries', as('operator', 'acme'), JSON.stringify({ ip }));
      for (;;) {
        const { body } = await call(service.url, `GET /v1/entries/${ip}`, as('operator', 'acme'));
        const entry = body.entry as { state: string; user: string | null; reason: string | null } | undefined;
        if (entry?.state === 'valid') return entry.user;
        if (entry?.state === 'invalid') return entry.reason;
        await wait(50);
      }
    });
    return [...new Set(await Promise.all(outcomes))];
  };

  needs('simulators')('is changed here first, or there first, and each question is answered', async () => {
    expect(await configured('first')).toBe(200);
    const answers: unknown[] = [await found(2)];

    await configured('second');
    clearPass.revokeTokens(); // so that a new one is needed at once, with a secret that ClearPass does not know yet
    answers.push(await found(4));
    clearPass.changeSecrets({ postern: 'second' });
    clearPass.revokeTokens();
    answers.push(await found(4));

    clearPass.changeSecrets({ postern: 'third' }); // the token of before is still good
    answers.push(await found(4));
    await configured('third');
    clearPass.revokeTokens();
    answers.push(await found(4));

    expect(answers).toEqual(Array.from({ length: 5 }, () => ['alice']));
  });

  needs('simulators', 'clock')('stands in for its successor for a day, and no longer', async () => {
    await configured('fourth');
    clearPass.revokeTokens();
    expect(await found(1)).toEqual(['alice']);

    service.runtime.advanceClock(formerSecretMs);
    clearPass.revokeTokens();

    expect(await found(1)).toEqual(['secret-refused']);
  });
});

describe('the secret of a switch', () => {
  let macs = 0;
  /** A laptop whose session the switch lets go of in the end, and at which attempt; `silent` is done where it does not at first. */
  const letGo = async (site: ReturnType<typeof aSite>, silent?: () => Promise<void>) => {
    let mend = silent;
    macs += 1;
    const mac = `00:11:22:33:ce:0${macs}`;
    const laptop = site.device(mac, 'alice');
    await laptop.joins('here', { ip: `10.7.0.${macs}` });
    const { sessions } = (await laptop.looked()) as { sessions: { acctSessionId: string }[] };
    device.login({ station: mac.replaceAll(':', '-').toUpperCase(), id: sessions[0]?.acctSessionId ?? '' });
    await laptop.act('block', {});
    for (;;) {
      const { changes } = (await laptop.looked()) as { changes: { state: string; attempts: number }[] };
      if (changes[0]?.state === 'acknowledged') return changes[0].attempts;
      if (changes[0]?.state === 'timed-out') {
        await mend?.();
        mend = undefined;
      }
      await wait(50);
    }
  };

  needs('simulators')('is changed here first, or there first, and each change is acknowledged', async () => {
    const site = aSite(service, 'globex');
    const setUp = async (secret: string) => {
      const here = { name: 'here', address: simulators, make: 'juniper-ex', secret, locationGroup: 'office', changePort: device.port }; // prettier-ignore
      const wifi = { ...here, name: 'wifi', address: '198.51.100.4', locationGroup: 'wireless' };
      expect((await site.setUp({ changeOfAuthorization: 'direct', radiusClients: [here, wifi] })).status).toBe(200);
    };
    await setUp('first');
    const attempts = [await letGo(site)];

    await setUp('second');
    attempts.push(await letGo(site));
    device.changeSecret('second');
    attempts.push(await letGo(site));

    device.changeSecret('third');
    attempts.push(await letGo(site, async () => setUp('third')));
    attempts.push(await letGo(site));

    expect(attempts).toEqual([1, 1, 1, 2, 1]);
    expect(device.sessions()).toEqual([]);
  });
});
