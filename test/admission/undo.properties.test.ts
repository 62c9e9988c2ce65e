/** Undo of any event of a random history: what the others opened stands as it would without it, and nothing is left of it. */
import fc from 'fast-check';
import { undoEvent } from '../../shared/admission/undo-event.ts';
import type { Mac } from '../../shared/endpoints/mac.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { aClient, admissionInTime, aPolicy, plainPolicies } from '../support/admission.ts';
import { aLogin, aRecord } from '../support/endpoints.ts';
import { acme, globex, noon } from '../support/observations.ts';

const macs = ['00:11:22:33:44:01', '00:11:22:33:44:02'] as const as readonly unknown[] as readonly Mac[];
const ips = ['192.0.2.1', '192.0.2.2'] as readonly string[] as readonly IpAddress[];
const clients = [aClient(), aClient({ name: 'second', address: '198.51.100.21' })];

interface Sent {
  readonly client: number;
  readonly device: number;
  readonly event: 'quarantine-endpoint' | 'block-endpoint' | 'clear-quarantine-endpoint' | 'clear-blocked-endpoint';
  readonly severity: 'low' | 'high';
  readonly threatName: string | null;
}

const histories = fc.array(
  fc.record({
    client: fc.nat({ max: 1 }),
    device: fc.nat({ max: 1 }),
    event: fc.constantFrom<Sent['event'][]>('quarantine-endpoint', 'quarantine-endpoint', 'block-endpoint', 'block-endpoint', 'clear-quarantine-endpoint', 'clear-blocked-endpoint'), // prettier-ignore
    severity: fc.constantFrom<Sent['severity'][]>('low', 'high'),
    threatName: fc.constantFrom('EICAR', 'W32', null),
  }),
  { minLength: 1, maxLength: 10 },
);

/** Low severity is released after an hour, high never: so that one word may take the place of another. */
const admissionPolicies = [
  aPolicy({ name: 'short', severity: 'low', releaseAfterMinutes: 60 }),
  aPolicy({ name: 'short block', event: 'block-endpoint', severity: 'low', action: 'block', role: null, releaseAfterMinutes: 60 }), // prettier-ignore
  ...plainPolicies,
];

async function played(history: readonly Sent[]) {
  const at = admissionInTime({ clients, admissionPolicies });
  for (const tenant of [acme, globex]) {
    for (const [index, mac] of macs.entries()) {
      const session = { loginId: `l-${index}`, port: `ge-0/0/${index}` };
      await at.happens(mac, { kind: 'authenticated', login: aLogin(session) }, tenant);
      await at.happens(mac, { kind: 'accounted', record: aRecord({ ...session, acctSessionId: `${index}`, ip: ips[index] ?? null }) }, tenant); // prettier-ignore
    }
  }
  const codes: string[] = [];
  for (const [index, { client, device, ...sent }] of history.entries()) {
    at.moveTo(noon + index * 1_000);
    const body = { ...sent, endpointIp: ips[device], eventId: `e-${index}` };
    for (const tenant of [acme, globex]) {
      const { answer } = await at.send(body, { tenant, address: clients[client]?.address ?? '' });
      if (tenant === acme) codes.push(answer?.code ?? '');
    }
  }
  const reasons = async (tenant: TenantId) => {
    const all = await Promise.all(macs.map(async (mac) => (await at.endpoint(mac, tenant))?.reasons ?? []));
    return all.flat();
  };
  return { ...at, codes, reasons };
}

/** What stands, whoever said it first and when. */
const bare = (reasons: Awaited<ReturnType<Awaited<ReturnType<typeof played>>['reasons']>>) =>
  reasons.map(({ hold, sender, threatName, eventId, ip }) => ({ hold, sender: sender.name, threatName, eventId, ip })).sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)); // prettier-ignore

test('leaves exactly the reasons of the others, for its own tenant, and twice is once', async () => {
  await fc.assert(
    fc.asyncProperty(histories, fc.nat(), async (history, pick) => {
      const index = pick % history.length;
      const name = clients[history[index]?.client ?? 0]?.name ?? '';
      const at = await played(history);
      const event = { client: name, id: `e-${index}` };
      const before = await at.reasons(acme);
      const untouched = await at.reasons(globex);
      // Where it took the place of another's word, that one's stands again: the newest of them, which stands longest.
      const expected = before.flatMap(({ replaced = [], ...reason }) => (reason.eventId === event.id && reason.sender.name === name ? replaced.slice(-1) : [reason])); // prettier-ignore

      const by = { credentialName: 'soc', clientAddress: '198.51.100.9', requestId: 'r', receivedAt: noon };
      const wanted = { event, note: null, untilAt: Infinity };
      const first = await undoEvent(at.deps, acme, by, wanted);
      const after = await at.reasons(acme);
      expect(bare(after)).toEqual(bare(expected));
      expect(JSON.stringify(after)).not.toContain(`"${event.id}"`);
      expect(await at.reasons(globex)).toEqual(untouched);
      expect(first.left).toBe('none');

      const lines = at.lines().length;
      expect((await undoEvent(at.deps, acme, by, wanted)).results.filter(({ outcome }) => outcome === 'undone')).toEqual([]); // prettier-ignore
      expect(await at.reasons(acme)).toEqual(after);
      expect(at.lines()).toHaveLength(lines);
    }),
    { numRuns: 60 },
  );
});

test('of the last word is as if it had not been said', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const last = history.at(-1);
      if (last === undefined || last.event.startsWith('clear-')) return;
      const [at, without] = [await played(history), await played(history.slice(0, -1))];
      const event = { client: clients[last.client]?.name ?? '', id: `e-${history.length - 1}` };
      const by = { credentialName: 'soc', clientAddress: '198.51.100.9', requestId: 'r', receivedAt: noon };
      await undoEvent(at.deps, acme, by, { event, note: null, untilAt: Infinity });

      expect(bare(await at.reasons(acme))).toEqual(bare(await without.reasons(acme)));
      for (const mac of macs) expect(await at.access(mac)).toBe(await without.access(mac));
    }),
    { numRuns: 60 },
  );
});
