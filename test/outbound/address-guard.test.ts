import { type AddressGuard, addressGuard, addressGuardFrom } from '../../shared/outbound/address-guard.ts';
import { askClearPass, type ClearPassSettings } from '../../shared/outbound/clearpass-client.ts';
import { type OddServer, oddHttpServer } from '../support/odd-server.ts';
import { aKnownToken, aQuestion, budgets } from '../support/questions.ts';

const cloud = addressGuard([]);

test.each(['8.8.8.8', '203.0.114.1', '2001:4860:4860::8888', '::ffff:8.8.8.8'])('%s is public', (address) => {
  expect(cloud(address)).toBe('allowed');
});

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.8.8.8',
  '169.254.169.254',
  '169.254.170.2',
  '172.16.0.1',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  'fe80::1%eth0',
  'fc00::1',
  'fd00:ec2::254',
  'fec0::1',
  'ff02::1',
  '::ffff:169.254.169.254',
  '::ffff:a00:1',
  '::127.0.0.1',
  '64:ff9b::a9fe:a9fe',
  '2002:a9fe:a9fe::1',
  'clearpass.example.net',
  '',
])('%s is refused', (address) => {
  expect(cloud(address)).toBe('refused');
});

test('a stage allows what it names, and nothing beside it', () => {
  const guard = addressGuardFrom(' 127.0.0.1/32, fd00::/8 ,');

  expect(['127.0.0.1', '::ffff:127.0.0.1', 'fd12::1', '8.8.8.8'].map(guard)).toEqual(Array(4).fill('allowed'));
  expect(['127.0.0.2', '169.254.169.254', 'fe80::1'].map(guard)).toEqual(Array(3).fill('refused'));
  expect(addressGuardFrom()('127.0.0.1')).toBe('refused');
});

describe('on the way to a server', () => {
  let server: OddServer;
  beforeAll(async () => {
    server = await oddHttpServer((_heard, response) => response.end('{"user":"alice"}'));
  });
  afterAll(async () => server.stop());

  const ask = async (address: string, { guard = cloud, found = [] }: { guard?: AddressGuard; found?: string[] }) => {
    const settings: Partial<ClearPassSettings> = {
      server: { name: 'cppm', address, port: server.port, connectMethod: 'http' },
    };
    const resolve = async () => Promise.resolve(found.map((each) => ({ address: each, family: each.includes(':') ? 6 : 4 }))); // prettier-ignore
    return askClearPass({ ...aQuestion(server, settings), findToken: aKnownToken }, { guard, budgets, resolve });
  };

  test.each([
    ['an address of ours', '127.0.0.1', []],
    ['the same, written as a number', '0x7f000001', ['127.0.0.1']],
    ['a name for it', 'localhost', ['127.0.0.1', '::1']],
    ['a name of the cloud’s own', 'metadata.example.net', ['169.254.169.254']],
  ])('%s is not connected to', async (_case, address, found) => {
    expect(await ask(address, { found })).toMatchObject({
      outcome: 'refused',
      reason: 'address-refused',
      retry: 'never',
    });
    expect(server.accepted()).toBe(0);
  });

  test('a name that means nothing may mean something later', async () => {
    expect(await ask('gone.example.net', {})).toMatchObject({ reason: 'name-unresolved', retry: 'later' });
  });

  test('of the addresses of a name the allowed ones are connected to', async () => {
    const guard = addressGuard(['127.0.0.1']);

    expect(await ask('both.example.net', { guard, found: ['10.0.0.1', '127.0.0.1'] })).toMatchObject({
      outcome: 'answered',
    });
  });
});
