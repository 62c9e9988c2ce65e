/** Policies for some devices, through the running service: what a post tells of a device, and who is let through with it. */
import { readFileSync } from 'node:fs';
import { call, type Service, startService } from './service.ts';

type Tenant = 'acme' | 'globex';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(async () => service.stop());

const policy = {
  name: 'files',
  fromZone: 'trust',
  toZone: 'dmz',
  source: ['any'],
  destination: ['198.51.100.0/24'],
  applications: ['any'],
  sourceIdentity: ['authenticated-user'],
  sourceEndUserProfile: ['company-windows'],
  action: 'permit',
};
const profile = {
  name: 'company-windows',
  attributes: [
    { name: 'device-os', values: ['Windows 10', 'Windows 11'] },
    { name: 'device-group', values: ['employee'] },
  ],
};
const put = async (configuration: object, tenant: Tenant = 'acme') =>
  call(service.url, 'PUT /v1/configuration', service.authorizations[tenant].operator, JSON.stringify(configuration));
const post = async (body: string | Uint8Array<ArrayBuffer>, tenant: Tenant = 'acme') =>
  call(service.url, 'POST /api/userfw/v1/post-entry', service.authorizations[tenant]['web-api'], body);
async function decide(sourceIp: string, tenant: Tenant = 'acme') {
  const flow = { sourceIp, destinationIp: '198.51.100.7', application: 'smb', fromZone: 'trust', toZone: 'dmz' };
  const flows = JSON.stringify({ flows: [flow], explain: true });
  const { status, body } = await call(service.url, 'POST /v1/decisions', service.authorizations[tenant]['enforcement-point'], flows); // prettier-ignore
  expect(status).toBe(200);
  return (body.decisions as { action: string; reason: string; explanation: object }[])[0];
}

test('a laptop of the company is let through, a telephone of the same user is not, and each is told why', async () => {
  for (const tenant of ['acme', 'globex'] as const) {
    expect((await put({ policies: [policy], endUserProfiles: [profile] }, tenant)).status).toBe(200);
  }
  await post(readFileSync(new URL('../examples/clearpass/packetfence-logon.xml', import.meta.url)));
  await post('<userfw-entries><userfw-entry><operation>logon</operation><IP>192.0.2.51</IP><user>alice</user><device_category>smartphone</device_category></userfw-entry></userfw-entries>'); // prettier-ignore

  expect(await decide('192.0.2.50')).toMatchObject({
    action: 'permit',
    explanation: { steps: [{ matches: { sourceEndUserProfile: 'company-windows' } }] },
  });
  expect(await decide('192.0.2.51')).toMatchObject({
    action: 'deny',
    reason: 'device-not-matched',
    explanation: { steps: [{ matches: { sourceIdentity: 'authenticated-user', sourceEndUserProfile: null } }] },
  });
  expect(await decide('192.0.2.50', 'globex')).toMatchObject({ action: 'deny', reason: 'identity-not-matched' });
});

test('other devices of the profile are let through as soon as it says so, without a new post', async () => {
  const phones = { ...profile, attributes: [{ name: 'device-category', values: ['Smartphone'] }] };
  await put({ policies: [policy], endUserProfiles: [phones] });

  expect(await decide('192.0.2.51')).toMatchObject({ action: 'permit' });
  expect(await decide('192.0.2.50')).toMatchObject({ action: 'deny', reason: 'device-not-matched' });
});

test.each<[string, object, string]>([
  ['a profile that nobody defined', { policies: [policy] }, '/policies/0/sourceEndUserProfile/0'],
  ['two profiles of one name', { endUserProfiles: [profile, profile] }, '/endUserProfiles/1/name'],
  ['a profile called any', { endUserProfiles: [{ ...profile, name: 'any' }] }, '/endUserProfiles/0/name'],
  [
    'a profile without attributes',
    { endUserProfiles: [{ name: 'x', attributes: [] }] },
    '/endUserProfiles/0/attributes',
  ],
  ['an attribute without values', { endUserProfiles: [{ name: 'x', attributes: [{ name: 'device-os', values: [] }] }] }, '/endUserProfiles/0/attributes/0/values'], // prettier-ignore
  ['a value that is a number', { endUserProfiles: [{ name: 'x', attributes: [{ name: 'device-os', values: [10] }] }] }, '/endUserProfiles/0/attributes/0/values/0'], // prettier-ignore
  ['a word that nobody knows', { endUserProfiles: [{ ...profile, device: 'x' }] }, '/endUserProfiles/0/device'],
  ['a profile as one text', { policies: [{ ...policy, sourceEndUserProfile: 'company-windows' }] }, '/policies/0/sourceEndUserProfile'], // prettier-ignore
])('a configuration with %s is refused', async (_, configuration, pointer) => {
  const { status, body } = await put(configuration);

  expect([status, body.code]).toEqual([400, 'configuration-invalid']);
  expect((body.violations as { pointer: string }[]).map((each) => each.pointer)).toContain(pointer);
});
