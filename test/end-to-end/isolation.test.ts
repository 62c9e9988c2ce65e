/** Tenants never meet: every route with every other tenant's credentials, and what must be found where one of them does. */
import { setTimeout as wait } from 'node:timers/promises';
import { providerTenant } from '../../shared/contract.ts';
import { type ClearPass, startClearPass } from '../simulators/clearpass.ts';
import { startSyslogReceiver, type SyslogReceiver } from '../simulators/syslog-receiver.ts';
import { answersTo } from './isolation/answers.ts';
import { type Door, openDoor } from './isolation/door.ts';
import { exported, ownedIn, withLineOf } from './isolation/exports.ts';
import { furnish } from './isolation/furnish.ts';
import { keepReport, pageOf, publish, publishedPage, routeReports } from './isolation/report.ts';
import {
  allItems,
  changesBetween,
  itemsNaming,
  itemsOf,
  kindOf,
  kinds,
  passingKinds,
  type Stored,
  type StoredItem,
  strayKeys,
} from './isolation/tables.ts';
import { newTenant, speakerFor, type Tenant, tenantNames } from './isolation/tenants.ts';
import { type Observation, oddWorkOf, type Operation, type Send, sender, type Walk, workOf, workThrough } from './isolation/walk.ts'; // prettier-ignore
import { allNeed } from './needs.ts';
import { basic, call, embeddedService, type Resources, type Service } from './service.ts';

/** How it is with a tenant, what it has used up and how its threat logs are on their way is this deployment's own, and never a part of an export. */
const keptHere = [
  'the tenant',
  'its place in the list of tenants',
  'what is used up',
  'what may still go on to ClearPass',
  'which firewalls threat logs are counted of',
  'how fast threat logs went out',
  'how far a batch of threat logs had come',
];

/** All that may own an item. */
const known = [...tenantNames, 'acme', 'globex', providerTenant];

allNeed(
  'template',
  'tables',
  'clock',
  'simulators',
)('tenants that are easily taken for one another', () => {
  let service: Service;
  let clearPass: ClearPass;
  let logReceiver: SyslogReceiver;
  let door: Door;
  let tenants: readonly Tenant[];
  let operations: readonly Operation[];
  let walk: Walk;
  const observations: Observation[] = [];

  /** Entries are read and written through the door. */
  const throughTheDoor = (resources: Resources) => {
    for (const [name, { Type, Properties }] of Object.entries(resources)) {
      if (Type !== 'AWS::Lambda::Function' || !/^(FindEntries|PutEntry)/.test(name)) continue;
      const { Variables } = Properties.Environment as { Variables: Record<string, unknown> };
      Variables.AWS_ENDPOINT_URL_DYNAMODB = door.url;
    }
  };

  /** Nothing is due by itself while we look, however long that takes: it would be taken for a change. A story says when it is time. */
  const unscheduled = (resources: Resources) => {
    for (const { Type, Properties } of Object.values(resources)) {
      if (Type === 'AWS::Events::Rule') Properties.ScheduleExpression = 'rate(1 day)';
    }
  };

  beforeAll(async () => {
    door = await openDoor();
    const edits = { edit: unscheduled, editApi: throughTheDoor };
    [service, clearPass] = await Promise.all([embeddedService(edits), startClearPass()]);
    door.leadsTo = service.runtime.endpoints.dynamodb;
    operations = await described();
    const lists = operations.filter(({ route, parameters }) => route.startsWith('GET ') && parameters.some(({ name }) => name === 'cursor')).map(({ route }) => route); // prettier-ignore
    logReceiver = await startSyslogReceiver({ transport: 'udp' });
    const { address, port } = clearPass.server;
    // One after another: each function of its own needs a worker, and more at once would be started and thrown away.
    const furnished: Tenant[] = [];
    for (const [index, id] of tenantNames.entries()) {
      const surroundings = {
        clearPass: { address, port },
        logReceiver: { address: logReceiver.address, port: logReceiver.port },
        callerAddress: service.callerAddress,
      };
      furnished.push(await furnish(service, await newTenant(service, id), { surroundings, number: index + 1, lists }));
    }
    tenants = furnished;
    await connectorsChecked();
    walk = { send: sender(service.url), operations, tenants, said: new Map(), reach: 'whole', read: await documents() };
  }, 600_000);
  afterAll(async () => Promise.all([service.stop(), clearPass.stop(), logReceiver.stop(), door.stop()]));

  /** Each has been looked at once, so that it is known how it is. */
  async function connectorsChecked(): Promise<void> {
    await service.runtime.tick('EveryMinute');
    for (const tenant of tenants) {
      const speak = speakerFor(service, tenant);
      for (let known = false; !known; await wait(100)) {
        const { items } = (await speak('operator', 'GET /v1/connectors')).body as { items: { status: { checkedAt: string | null } }[] }; // prettier-ignore
        known = items.every(({ status }) => status.checkedAt !== null);
      }
    }
  }

  /** What the running service says of itself, so that no route is left out. */
  async function described(): Promise<readonly Operation[]> {
    const { body } = await call(service.url, 'GET /openapi.json', service.authorizations.acme.operator);
    type Described = Record<
      string,
      Record<string, { 'x-roles': Operation['roles']; parameters: Operation['parameters'] }>
    >;
    return Object.entries(body.paths as Described).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { 'x-roles': roles, parameters }]) => ({
        route: `${method.toUpperCase()} ${path}`,
        roles,
        parameters,
      })),
    );
  }

  /** What each tenant may edit, as it is told it. */
  async function documents(): Promise<Walk['read']> {
    const paths = operations.filter(({ route }) => route.startsWith('PUT ') && !/\{|debug-log|connector\/env/.test(route)).map(({ route }) => route.slice(4)); // prettier-ignore
    const told = new Map<string, string>();
    for (const tenant of tenants) {
      const speak = speakerFor(service, tenant);
      for (const path of paths) told.set(tenant.id + path, JSON.stringify((await speak('operator', `GET ${path as '/'}`)).body)); // prettier-ignore
    }
    return ({ id }, path) => told.get(id + path) ?? '';
  }

  const named = (id: (typeof tenantNames)[number]) => {
    const found = tenants.find((each) => each.id === id);
    if (found === undefined) throw new Error(`There is no tenant ${id}.`);
    return found;
  };
  const faultsIn = (some: readonly Observation[]) =>
  some.flatMap(({ route, role, tenant, tried, faults }) => faults.map((fault) => `${route} as ${role} of ${tenant.id}, with ${tried}: ${fault}`)); // prettier-ignore
  const note = (some: readonly Observation[]) => {
    observations.push(...some);
    return faultsIn(some);
  };

  /**
   * What a tenant has of its own and nobody asked for: it is as it was, whatever was tried at what is another's. Not its
   * endpoint: its own switch is given what is due, and that is put down there.
   */
  function unaskedOf(stored: Stored, { id, holds }: Tenant): Stored {
    const named = itemsNaming(itemsOf(stored, id), [holds.ip, holds.mac, holds.session, holds.receipt, holds.eventId]);
    return new Map([...named].filter(([, item]) => kindOf(item) !== 'an endpoint'));
  }

  /** Without what its own reads make anew: the feed for firewalls, whose text is among the answers that are compared. */
  const lastingOf = (stored: Stored, id: string): Stored =>
    new Map([...itemsOf(stored, id)].filter(([, item]) => kindOf(item) !== 'the feed for firewalls'));

  test('a tenant holds an item of every kind, and no kind is unknown', async () => {
    const held = new Set([...itemsOf(await allItems(service), 't1').values()].map(kindOf));

    expect([...held].filter((kind) => kind.startsWith('unknown'))).toEqual([]);
    expect(Object.keys(kinds).filter((kind) => !held.has(kind))).toEqual(passingKinds);
  });

  test('every key is that of one tenant', async () => {
    expect(strayKeys(await allItems(service), known)).toEqual([]);
  });

  test('nobody learns or changes anything of t1, by any route, with whatever is its own', async () => {
    const victim = named('t1');
    const before = await allItems(service);
    const answers = await answersTo(walk, victim);

    const work = (['t10', 't'] as const).flatMap((id, index) =>
      workOf({ ...walk, reach: index === 0 ? 'whole' : 'short' }, victim, named(id)),
    );
    const faults = note(await workThrough(work));

    expect(faults).toEqual([]);
    const after = await allItems(service);
    expect(changesBetween(lastingOf(before, 't1'), lastingOf(after, 't1'))).toEqual([]);
    expect(await answersTo(walk, victim)).toEqual(answers);
    for (const attacker of [named('t10'), named('t')]) {
      expect(unaskedOf(before, attacker).size).toBeGreaterThan(0);
      expect(changesBetween(unaskedOf(before, attacker), unaskedOf(after, attacker))).toEqual([]);
    }
  }, 600_000);

  test('nor does t1 of the one whose name begins with its own', async () => {
    const others = ['t1-0'] as const;
    const before = await allItems(service);

    const work = others.flatMap((id) => workOf({ ...walk, reach: 'short' }, named(id), named('t1')));
    const faults = note(await workThrough(work));

    expect(faults).toEqual([]);
    const after = await allItems(service);
    for (const id of others) expect(changesBetween(lastingOf(before, id), lastingOf(after, id))).toEqual([]);
  }, 600_000);

  test('an export holds all that is the tenant’s, and nothing of those whose names it begins', async () => {
    const ownOf = async (id: string) =>
      new Map([...itemsOf(await allItems(service), id)].filter(([, item]) => !keptHere.includes(kindOf(item))));
    /** Of one moment: where a schedule has changed something between the two readings, both are read again. */
    const ownAndExported = async (id: string) => {
      for (;;) {
        const own = await ownOf(id);
        const told = ownedIn(await exported(service, id));
        if (changesBetween(own, await ownOf(id)).length === 0) return { own, told };
      }
    };
    for (const { id } of tenants) {
      const { own, told } = await ownAndExported(id);

      expect(changesBetween(own, told)).toEqual([]);
    }
  });

  test('a page of an export with a line of another tenant is refused whole', async () => {
    const { provider } = service.authorizations.acme;
    const before = await allItems(service);
    const mixed = withLineOf(await exported(service, 't10'), await exported(service, 't1'));
    const refused = await call(service.url, 'POST /v1/tenants/t10/import', provider, mixed);

    expect(refused).toMatchObject({ status: 400, body: { code: 'import-invalid' } });
    expect(changesBetween(before, await allItems(service))).toEqual([]);
  });

  test('the published page is what was found: write it anew with "npm run isolation"', async () => {
    const routes = routeReports(operations, observations);
    const stored = await allItems(service);
    keepReport({
      routes,
      observations: observations.length,
      faults: faultsIn(observations),
      items: stored.size,
      kinds: Object.keys(kinds),
    });
    const page = await pageOf(routes);
    if (process.env.POSTERN_ISOLATION === 'publish') publish(page);

    expect(publishedPage()).toBe(page);
  });

  test('odd names break nothing, and find nothing of others', async () => {
    const faults = note(await workThrough(oddWorkOf(walk, named('t1'), named('t10'))));

    expect(faults).toEqual([]);
  }, 600_000);

  test('a user of one tenant with the password of another is nobody', async () => {
    const [one, other] = [named('t1'), named('t10')].map(({ authorizations }) => Buffer.from(authorizations['web-api'].slice(6), 'base64').toString().split(':')); // prettier-ignore
    const mixed = basic(one?.[0] ?? '', other?.[1] ?? '');

    expect(await call(service.url, 'GET /v1/health', mixed)).toMatchObject({ status: 401 });
  });

  test('tenants that ask one server about one address ask each with a token of its own', () => {
    const clients = new Set(
      [named('t1'), named('t10'), named('t')].map(({ marks }) => marks.of('the client id at the server')),
    );
    for (const { holds, marks } of tenants) {
      const missed = [...marks.all].find(([, { what }]) => what === 'an address that was asked about')?.[0];
      const askers = clearPass.questions().filter(({ ip }) => ip === missed).map(({ clientId }) => clientId); // prettier-ignore
      expect([holds.tenant, ...new Set(askers)]).toEqual([holds.tenant, marks.of('the client id at the server')]);
    }
    const alike = clearPass.questions().filter(({ ip }) => ip === '10.1.0.1').map(({ clientId }) => clientId); // prettier-ignore
    expect(alike.every((client) => client !== undefined && clients.has(client))).toBe(true);
    expect(new Set(alike)).toEqual(clients);
  });

  test('a tenant is erased, and the others whose names it begins keep what they have', async () => {
    const others = ['t1', 't10', 't1-0'] as const;
    await service.runtime.tick('EveryMinute'); // what the others have left to do by themselves is done
    const before = await allItems(service);
    const erased = await call(service.url, 'DELETE /v1/tenants/t?confirm=t', service.authorizations.acme.provider);
    expect(erased.status).toBe(202);

    let after = await allItems(service);
    while (itemsOf(after, 't').size > 5) {
      await service.runtime.tick('EveryMinute');
      after = await allItems(service);
    }

    const left = [...itemsOf(after, 't').values()].map(kindOf);
    expect(left.filter((kind) => !kind.includes('tenant'))).toEqual([]);
    /** A tick has connectors looked at that were not for five minutes, and what is found is put down whenever it is found. */
    const withoutFindings = (item: StoredItem) =>
      kindOf(item) === 'how a connector is' ? { ...item, text: '' } : item;
    const stays = (stored: Stored, id: string): Stored =>
      new Map([...itemsOf(stored, id)].map(([place, item]) => [place, withoutFindings(item)]));
    for (const id of others) expect(changesBetween(stays(before, id), stays(after, id))).toEqual([]);
  });

  test('after all that, every key is still that of one tenant', async () => {
    expect(strayKeys(await allItems(service), known)).toEqual([]);
  });

  describe('the checks find', () => {
    const [attacker, victim] = ['t10', 't1'] as const;
    /** These routes alone, by roles that may call them. */
    const only = async (routes: RegExp, change: Partial<Walk>) => {
      const some = { ...walk, said: new Map(), reach: 'whole' as const, operations: operations.filter(({ route }) => routes.test(route)), ...change }; // prettier-ignore
      return faultsIn(await workThrough(workOf(some, named(victim), named(attacker))));
    };
    const asked = /^GET \/v1\/entries$|^GET \/v1\/entries\/\{ip\}$/;
    const honest = async (from: Parameters<Send>[0]) => walk.send(from);

    test('a store that reads one tenant for another', async () => {
      door.change = (body) => body.replaceAll('"T#t10#', '"T#t1#');
      const faults = await only(asked, {});
      door.change = (body) => body;

      expect(faults).toContainEqual(expect.stringMatching(/GET \/v1\/entries as operator of t10, with nothing: It tells a domain of t1\./)); // prettier-ignore
    });

    test('a store that writes for one tenant to another', async () => {
      const before = itemsOf(await allItems(service), victim);
      door.change = (body) => body.replaceAll('"T#t10#', '"T#t1#');
      await only(/^PUT \/v1\/entries/, {});
      door.change = (body) => body;

      expect(changesBetween(before, itemsOf(await allItems(service), victim))).toContainEqual(expect.stringMatching(/T#t1#\d\d \/ 192\.0\.2\.50#local/)); // prettier-ignore
    });

    test('a key without the separator between tenant and shard', async () => {
      door.change = (body) => body.replaceAll(/"T#t10#(\d\d)"/g, '"T#t10$1"');
      await only(/^PUT \/v1\/entries/, {});
      door.change = (body) => body;

      expect(strayKeys(await allItems(service), known)).toContainEqual(expect.stringMatching(/^entries T#t10\d\d \//));
    });

    test('an authorizer that takes one caller for another', async () => {
      const { authorizations } = named(victim);
      const send: Send = async (from) => honest({ ...from, headers: { ...from.headers, Authorization: authorizations.operator } }); // prettier-ignore

      expect(await only(/^GET \/v1\/users/, { send })).not.toEqual([]);
    });

    test.each<[string, (text: string) => Partial<Awaited<ReturnType<Send>>>]>([
      ['plain in a body', (text) => ({ body: text })],
      ['in base64, as in a cursor', (text) => ({ body: Buffer.from(JSON.stringify([text])).toString('base64url') })],
      [
        'percent-encoded',
        (text) => ({ headers: `link: ${text.replaceAll(/./g, (each) => `%${each.charCodeAt(0).toString(16)}`)}` }),
      ],
      ['in hexadecimal digits', (text) => ({ body: Buffer.from(text).toString('hex') })],
      ['in a header, in capitals', (text) => ({ headers: `etag: ${text.toUpperCase()}` })],
    ])('what is told %s', async (_, answer) => {
      const text = named(victim).marks.of('the name of a threat');
      const send: Send = async () => Promise.resolve({ status: 200, headers: '', body: '', ...answer(text) });

      expect(await only(asked, { send })).toContainEqual(
        expect.stringContaining('It tells the name of a threat of t1.'),
      );
    });

    test('an answer that tells whether something exists, and one that was another’s', async () => {
      const { mac } = named(victim).holds;
      const oracle: Send = async (from) => (from.path.includes(encodeURIComponent(mac)) ? { status: 403, headers: '', body: '{"code":"role-refused"}' } : honest(from)); // prettier-ignore
      const replayed: Send = async () => Promise.resolve({ status: 200, headers: 'idempotency-replayed: true', body: '{}' }); // prettier-ignore

      expect(await only(/^GET \/v1\/endpoints\/\{mac\}$/, { send: oracle })).toContainEqual(expect.stringContaining('It is answered 403 role-refused, and what nobody has 404')); // prettier-ignore
      expect(await only(asked, { send: replayed })).toContainEqual(expect.stringContaining('an answer to somebody else')); // prettier-ignore
    });

    test('a route that does not say how it is attacked', () => {
      const unheard = [{ route: 'GET /v1/unheard-of', roles: ['operator' as const], parameters: [] }];

      expect(() => workOf({ ...walk, operations: unheard }, named(victim), named(attacker))).toThrow(
        'does not say how it is attacked',
      );
    });
  });
});
