/** Nothing that a tenant may write, and nothing that a name may mean, has us connect to where only we are. */
import ipaddr from 'ipaddr.js';
import * as v from 'valibot';
import { host } from '../../shared/configuration/configuration-words.ts';
import { addressGuard } from '../../shared/outbound/address-guard.ts';
import type { Reach } from '../../shared/outbound/connection-client.ts';
import { clearPassEnforcer } from '../../shared/outbound/clearpass-attribute-client.ts';
import { loginsBy } from '../../shared/outbound/logins.ts';
import { enforcersBy } from '../../shared/outbound/enforcers-client.ts';
import { connectorTypes } from '../../shared/configuration/threat-response.ts';
import { aConnector, anEnforcement } from '../support/enforcements.ts';
import { fakeServerStore } from '../support/fake-server-store.ts';
import { noon } from '../support/observations.ts';
import { type HeardRequest, type OddServer, oddHttpServer } from '../support/odd-server.ts';
import { budgets } from '../support/questions.ts';

/** Where only we are: this machine, its neighbours, and where the cloud hands out credentials. */
const targets = [
  '127.0.0.1',
  '169.254.169.254',
  '169.254.170.2',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
];

const octets = (address: string) => address.split('.').map(Number) as [number, number, number, number];
const numberOf = (address: string) => octets(address).reduce((all, octet) => all * 256 + octet, 0);
const hex = (value: number, digits = 0) => value.toString(16).padStart(digits, '0');
const octal = (value: number) => `0${value.toString(8)}`;
const groups = (address: string) => `${hex(numberOf(address) >>> 16, 4)}:${hex(numberOf(address) & 0xffff, 4)}`;
const inverted = (address: string) => `${hex(~(numberOf(address) >>> 16) & 0xffff)}:${hex(~numberOf(address) & 0xffff)}`; // prettier-ignore
const each = (write: (address: string) => string) => targets.map(write);
const wide = (text: string) => text.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
const enclosed = (text: string) => text.replace(/[1-9]/g, (digit) => String.fromCodePoint(0x2460 + Number(digit) - 1));

/** By how they are written. */
const spellings: Readonly<Record<string, readonly string[]>> = {
  'as usual': targets,
  'one decimal': each((address) => String(numberOf(address))),
  'one hexadecimal': each((address) => `0x${hex(numberOf(address))}`),
  'one hexadecimal in upper case': each((address) => `0X${hex(numberOf(address)).toUpperCase()}`),
  'one octal': each((address) => octal(numberOf(address))),
  'octal parts': each((address) => octets(address).map(octal).join('.')),
  'hexadecimal parts': each((address) => octets(address).map((octet) => `0x${hex(octet)}`).join('.')), // prettier-ignore
  'parts of each kind': each((address) => {
    const [a, b, c, d] = octets(address);
    return `0x${hex(a)}.${b}.${octal(c)}.${d}`;
  }),
  'two parts': each((address) => `${octets(address)[0]}.${numberOf(address) % 2 ** 24}`),
  'three parts': each((address) => `${octets(address).slice(0, 2).join('.')}.${numberOf(address) % 2 ** 16}`),
  'leading zeros': each((address) => octets(address).map((octet) => String(octet).padStart(4, '0')).join('.')), // prettier-ignore
  'a dot at the end': each((address) => `${address}.`),
  'wide digits': each(wide),
  'digits in circles': each(enclosed),
  'dots of other scripts': each((address) => address.replaceAll('.', '\u3002')),
  'mapped into IPv6': each((address) => `::ffff:${address}`),
  'mapped, as groups': each((address) => `::ffff:${groups(address)}`),
  'mapped, in upper case': each((address) => `::FFFF:${groups(address).toUpperCase()}`),
  'mapped, in full': each((address) => `0000:0000:0000:0000:0000:ffff:${groups(address)}`),
  'mapped, in brackets': each((address) => `[::ffff:${address}]`),
  'translated (RFC 2765)': each((address) => `::ffff:0:${address}`),
  'compatible IPv6': each((address) => `::${address}`),
  NAT64: each((address) => `64:ff9b::${address}`),
  'NAT64 of a site': each((address) => `64:ff9b:1::${groups(address)}`),
  '6to4': each((address) => `2002:${groups(address)}::1`),
  Teredo: each((address) => `2001:0:4136:e378:8000:63bf:${inverted(address)}`),
  'this machine': ['0.0.0.0', '0', '0x0', '00', '0.0', '0.1.2.3', '127.255.255.254', '127.1', '::', '::1', '0:0:0:0:0:0:0:1', '[::1]', '[::]', '::0001', '::1%lo', '0::1', '::7f00:1'], // prettier-ignore
  'link-local': ['169.254.0.1', '169.254.255.254', 'fe80::1', 'fe80::1%eth0', 'FE80::A9FE:A9FE', 'fe80::1%25eth0', '[fe80::1]', 'febf::1'], // prettier-ignore
  'of a cloud’s own': ['fd00:ec2::254', 'fd00:ec2::23', '100.100.100.200', '192.0.0.192', '168.63.129.16', 'fd20:ce::254', '::ffff:a9fe:a9fe', '2852039166'], // prettier-ignore
  'of a site': ['10.255.255.255', '172.31.255.255', '192.168.0.0', '100.127.255.255', 'fc00::1', 'fdff::1', 'FD12:3456::1', 'fec0::1', 'feff::1', '100.64.1.1'], // prettier-ignore
  'many at once': ['224.0.0.1', '239.255.255.250', '255.255.255.255', '0xffffffff', '4294967295', 'ff02::1', 'ff05::2', 'ff0e::1'], // prettier-ignore
  reserved: ['192.0.0.8', '192.0.2.1', '198.51.100.1', '203.0.113.1', '192.88.99.1', '198.18.0.1', '198.19.255.255', '240.0.0.1', '254.1.1.1', '2001:db8::1', '3fff::1', '100::1', '5f00::1', '2001:10::1', '2001:20::1', '2001:2::1'], // prettier-ignore
  'nobody’s yet': ['1::1', '4000::1', '8000::1', 'e000::1', '::2', '::fffe:7f00:1', '1234::1'],
  names: ['localhost', 'LOCALHOST', 'localhost.', 'api.localhost', 'localhost.localdomain', 'ip6-localhost', 'metadata.google.internal', 'metadata', 'instance-data', 'instance-data.ec2.internal', '127.0.0.1.nip.example', 'ｌｏｃａｌｈｏｓｔ', 'ⓛocalhost'], // prettier-ignore
  'no hosts': ['', ' ', '.', '127.0.0.1:80', 'http://127.0.0.1', '127.0.0.1/', '127.0.0.1#', '127.0.0.1?', 'user@127.0.0.1', '8.8.8.8@127.0.0.1', '127.0.0.1\\@8.8.8.8', '[127.0.0.1]', '[::1', '::1]', '127.0.0.1%00', '127.0.0.1\n', '\t127.0.0.1', '256.1.1.1', '127.0.0.1.1', '::ffff:127.0.0.256', '1e3'], // prettier-ignore
};

const all = Object.values(spellings).flat();

/** As a resolver does it that takes old notations too; every name is at home here. */
const resolveKindly: NonNullable<Reach['resolve']> = async (name) =>
  Promise.resolve([
    ipaddr.isValid(name)
      ? { address: ipaddr.process(name).toString(), family: ipaddr.process(name).kind() === 'ipv4' ? 4 : 6 }
      : { address: '127.0.0.1', family: 4 },
  ]);

let server: OddServer;
let heard: HeardRequest[];
beforeAll(async () => {
  server = await oddHttpServer((request, response) => {
    heard.push(request);
    response.end('{}');
  });
});
beforeEach(() => {
  heard = [];
});
afterAll(async () => server.stop());

const cloud = addressGuard([]);

async function testedAt(address: string, reach: Partial<Reach> = {}) {
  const { webhook } = enforcersBy({ guard: cloud, budgets, resolve: resolveKindly, ...reach }, () => noon);
  const { outcome, detail } = await webhook.test(aConnector({ address, port: server.port }));
  return outcome === 'refused' && /^address-refused|^Its address cannot be read/.test(detail) ? 'refused' : detail;
}

test('there are far more than two hundred spellings, each its own', () => {
  expect(all.length).toBeGreaterThan(250);
  expect(new Set(all).size).toBeGreaterThan(240);
});

test.each(Object.entries(spellings))('%s: no connector reaches it', async (how, addresses) => {
  // Read as octal these are others’ public addresses: nothing of ours is reached, and what is meant is not known.
  if (how === 'leading zeros') {
    expect(addresses.filter((address) => v.is(host, address))).toEqual([]);
    return;
  }

  const outcomes = await Promise.all(addresses.map(async (address) => [address, await testedAt(address)]));

  expect(outcomes.filter(([, outcome]) => outcome !== 'refused')).toEqual([]);
  expect(heard).toEqual([]);
});

test.each(Object.entries(spellings))('%s: no name leads there', async (_how, addresses) => {
  const outcomes = await Promise.all(
    addresses.map(async (address) => {
      const resolve = async () => Promise.resolve([{ address, family: address.includes(':') ? 6 : 4 }]);
      return [address, await testedAt('connector.example.net', { resolve })];
    }),
  );

  expect(outcomes.filter(([, outcome]) => outcome !== 'refused')).toEqual([]);
  expect(heard).toEqual([]);
});

test('what is public is let through, however few they are among the rest', () => {
  const open = ['8.8.8.8', '1.1.1.1', '52.95.110.1', '100.63.255.255', '100.128.0.1', '172.32.0.1', '::ffff:8.8.8.8', '2001:4860:4860::8888', '2606:4700::1111', '2a05:d018::1']; // prettier-ignore

  expect(open.map(cloud)).toEqual(open.map(() => 'allowed'));
});

test('a prefix that the deployment allows lets through what is in it, however it is written, and nothing else', () => {
  const guard = addressGuard(['10.0.0.0/8', 'fd12:3456::/32']);
  const passed = all.filter((address) => guard(address) === 'allowed');

  expect(new Set(passed.map((address) => ipaddr.process(address).toString()))).toEqual(
    new Set(['10.0.0.1', '10.255.255.255', 'fd12:3456::1']),
  );
});

describe('what a name means is looked up once for each connection, and what was checked is what is connected to', () => {
  const here = addressGuard(['127.0.0.1']);
  let elsewhere: OddServer;
  let calls: number;
  beforeEach(async () => {
    calls = 0;
    elsewhere = await oddHttpServer((_request, response) => response.end());
  });
  afterEach(async () => elsewhere.stop());

  /** One answer after another; the last one stays. */
  const answering =
    (...answers: readonly (readonly string[])[]): NonNullable<Reach['resolve']> =>
    async () => {
      const answer = answers[Math.min(calls, answers.length - 1)] ?? [];
      calls += 1;
      return Promise.resolve(answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
    };
  const tell = async (resolve: NonNullable<Reach['resolve']>, port = server.port) =>
    enforcersBy({ guard: here, budgets, resolve }, () => noon).webhook.apply(
      aConnector({ address: 'connector.example.net', port }),
      anEnforcement(),
    );

  test('a name that means another address a moment later has us connect to the first', async () => {
    expect(await tell(answering(['127.0.0.1'], ['127.0.0.2']))).toMatchObject({ outcome: 'acknowledged' });
    expect(calls).toBe(1);
    expect(heard).toHaveLength(1);
  });

  test('a second connection of one call is checked like the first', async () => {
    const closing = await oddHttpServer(({ call }, response) => {
      response.setHeader('connection', 'close');
      response.end(call.startsWith('GET') ? '{"api_key":"abc"}' : '{}');
    });
    const resolve = answering(['127.0.0.1'], ['127.0.0.2']);
    const enforcers = enforcersBy({ guard: here, budgets, resolve }, () => noon);

    const answer = await enforcers['pulse-policy-secure'].apply(
      aConnector({ address: 'connector.example.net', port: closing.port }),
      anEnforcement(),
    );

    expect(answer).toMatchObject({ outcome: 'refused', detail: expect.stringMatching(/^address-refused/) as unknown });
    expect(closing.accepted()).toBe(1);
    await closing.stop();
  });

  test('of a name with a public address and one of ours only the public one is tried, also where it does not answer', async () => {
    const answers = answering(['169.254.169.254', '127.0.0.1', '::1', '10.0.0.1']);
    expect(await tell(answers)).toMatchObject({ outcome: 'acknowledged' });

    const ours = addressGuard(['127.0.0.9']);
    const both = answering(['127.0.0.9', '127.0.0.1']);
    const { webhook } = enforcersBy({ guard: ours, budgets, resolve: both }, () => noon);
    const answer = await webhook.apply(aConnector({ address: 'x.example.net', port: elsewhere.port }), anEnforcement());
    expect(answer).toMatchObject({ outcome: 'failed' });
    expect(elsewhere.accepted()).toBe(0);
  });
});

describe.each([301, 302, 303, 307, 308])('a redirect %i', (status) => {
  test.each(connectorTypes)('is followed by no connector of the type %s, wherever it leads', async (type) => {
    const lure = await oddHttpServer((_request, response) => response.end());
    for (const location of [
      `http://127.0.0.1:${lure.port}/`,
      'http://169.254.169.254/latest/meta-data',
      '//localhost',
      '/elsewhere',
      '',
    ]) {
      // prettier-ignore
      const from = await oddHttpServer((_request, response) => response.writeHead(status, { location }).end());
      const reach = { guard: addressGuard(['127.0.0.1']), budgets };
      const clock = () => noon;
      const clearpass = clearPassEnforcer(reach, loginsBy(clock), { servers: fakeServerStore(), now: clock });
      const enforcer = { ...enforcersBy(reach, clock), clearpass }[type];

      const answer = await enforcer.apply(aConnector(from, { type, settings: { blockPolicy: 'b', quarantinePolicy: 'q' } }), anEnforcement()); // prettier-ignore

      expect(answer).toMatchObject({ outcome: 'refused', detail: expect.stringMatching(/^(quarantine-endpoint: )?redirected: /) as unknown }); // prettier-ignore
      expect(from.accepted()).toBe(1);
      await from.stop();
    }
    expect(lure.accepted()).toBe(0);
    await lure.stop();
  });
});
