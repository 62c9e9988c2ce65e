/**
 * Whatever order posts, decisions, closes, deletes and expiries come in: no session of another's tenure is ever shown
 * open, what is over stays over, no more are managed than may be, and neither tenants nor credentials meet.
 */
import fc from 'fast-check';
import { defaults, noVersion } from '../../shared/configuration/configuration.ts';
import { compiledByVersion } from '../../shared/configuration/compiled-by-version.ts';
import { compile } from '../../shared/decisions/compiled-policies.ts';
import { decideFlows, type DecideFlows } from '../../shared/decisions/decide-flows.ts';
import { readQuestion } from '../../shared/decisions/flow.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { Event } from '../../shared/identity/advance.ts';
import { changeOne, type Revision, type Slot } from '../../shared/identity/authentication-table.ts';
import { entryIn } from '../../shared/identity/entry.ts';
import type { Origin } from '../../shared/identity/observation.ts';
import { search } from '../../shared/identity/search.ts';
import { plainReading } from '../../shared/identity/silence.ts';
import { slotOf } from '../../shared/identity/slots.ts';
import { closeSession } from '../../shared/sessions/close-session.ts';
import { findSessions } from '../../shared/sessions/find-sessions.ts';
import type { ClosedSession, Session } from '../../shared/sessions/session.ts';
import { type TenantId, tenantId } from '../../shared/tenancy/tenant.ts';
import { aPolicy } from '../decisions/examples.ts';
import { codeOfAsync } from '../support/errors.ts';
import { fakeConfigurationStore } from '../support/fake-configuration-store.ts';
import { fakeEndpointStore } from '../support/fake-endpoint-store.ts';
import { fakeEntryStore } from '../support/fake-entry-store.ts';
import { fakeSourceHeard } from '../support/fake-source-heard.ts';
import { fakeQuestionStore } from '../support/fake-question-store.ts';
import { fakeSessionStore } from '../support/fake-session-store.ts';
import { defaultLimitsOf } from '../support/limits.ts';
import { aLogoff, aLogon, deleted, hours, instant, minutes, noon, told } from '../support/observations.ts';

const cases = Number(process.env.POSTERN_SESSION_CASES ?? 60);
const mostManaged = 2;

const tenants = ['t1', 't10'].map((id) => tenantId(id));
const addresses = ['192.0.2.5', '192.0.2.50'] as IpAddress[];
const credentials = ['c1', 'c10'];
const ids = ['1', '0#1', '2', '3'];

const some = <const Word>(...words: readonly Word[]) => fc.constantFrom(...words);
const place = { tenant: some(...tenants), ip: some(...addresses) };

type Step =
  | { kind: 'logon'; tenant: TenantId; ip: IpAddress; user: string; origin: Origin; back: number; timeout: number }
  | { kind: 'logoff'; tenant: TenantId; ip: IpAddress; user: string | null; back: number }
  | { kind: 'delete' | 'miss'; tenant: TenantId; ip: IpAddress; slot: Slot }
  | {
      kind: 'decide';
      tenant: TenantId;
      credentialId: string;
      named: { ip: IpAddress; id: string }[];
      together: boolean;
    }
  | { kind: 'close'; tenant: TenantId; credentialId: string; id: string }
  | { kind: 'wait'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: some('logon'), ...place, user: some('ann', 'bob'), origin: some('aruba-clearpass', 'aruba-clearpass', 'active-directory', 'local'), back: some(0, 0, 0, 3), timeout: some(30, 0) }) }, // prettier-ignore
  { weight: 2, arbitrary: fc.record({ kind: some('logoff'), ...place, user: some('ann', 'bob', null), back: some(0, 0, 3) }) }, // prettier-ignore
  { weight: 1, arbitrary: fc.record({ kind: some('delete', 'miss'), ...place, slot: some('userid', 'local') }) },
  { weight: 8, arbitrary: fc.record({ kind: some('decide'), tenant: place.tenant, credentialId: some(...credentials), named: fc.array(fc.record({ ip: place.ip, id: some(...ids) }), { minLength: 1, maxLength: 4 }), together: fc.boolean() }) }, // prettier-ignore
  { weight: 3, arbitrary: fc.record({ kind: some('close'), tenant: place.tenant, credentialId: some(...credentials), id: some(...ids) }) }, // prettier-ignore
  { weight: 3, arbitrary: fc.record({ kind: some('wait'), ms: some(1, minutes(1), minutes(10), minutes(30), hours(13), hours(24)) }) }, // prettier-ignore
);

const nameOf = ({ credentialId, id, ip, openedAt }: Session) => JSON.stringify([ip, credentialId, id, openedAt]);

function aWorld() {
  let [now, posted, writes] = [noon, 0, 0];
  const configurations = fakeConfigurationStore();
  const readingAt = plainReading(defaults);
  const deps: DecideFlows = {
    table: { entries: fakeEntryStore(), now: () => now, newRevision: () => `revision-${(writes += 1)}` as Revision },
    configurations,
    compiledOf: compiledByVersion(compile),
    sources: fakeSourceHeard(),
    slotsBefore: new Map(),
    endpoints: fakeEndpointStore(),
    holdless: new Set(),
    unread: () => undefined,
    questions: fakeQuestionStore(),
    limitsOf: defaultLimitsOf,
    cellOf: async () => Promise.resolve(0),
    queue: { send: async () => Promise.resolve() },
    sessions: fakeSessionStore(),
    mostManaged,
    unkept: (_, error) => {
      throw error;
    },
    unsent: () => undefined,
  };
  const reading = { ...deps, readingOf: async () => Promise.resolve(readingAt) };
  const happens = async (tenant: TenantId, ip: IpAddress, slot: Slot, event: Event) =>
    changeOne(deps.table, tenant, { key: { ip, slot }, events: [event] });
  const decide = async (tenant: TenantId, credentialId: string, named: { ip: IpAddress; id: string }[]) => {
    const flows = named.map(({ ip, id }) => ({ sourceIp: ip, destinationIp: '198.51.100.7', application: 'https', fromZone: 'trust', toZone: 'untrust', sessionId: id })); // prettier-ignore
    await decideFlows(deps, { tenant, credentialId }, readQuestion({ flows }));
  };

  return {
    async begin() {
      const configuration = { ...defaults, policies: [aPolicy({ sourceIdentity: ['authenticated-user'] })] };
      for (const tenant of tenants) await configurations.replace(tenant, { read: noVersion, configuration, changedAt: noon, author: { id: 'o', name: 'o' } }); // prettier-ignore
    },

    async take(one: Step) {
      // Every step has a millisecond of its own, so that an end and a beginning are never the same instant.
      now += 1;
      posted += 10;
      switch (one.kind) {
        case 'logon': {
          const logon = aLogon({ ip: one.ip, user: one.user, origin: one.origin, instant: instant(posted - 5 * one.back) }); // prettier-ignore
          return happens(one.tenant, one.ip, slotOf[one.origin], told(logon, one.timeout));
        }
        case 'logoff': {
          const logoff = aLogoff({ ip: one.ip, ...(one.user !== null && { user: one.user }), instant: instant(posted - 5 * one.back) }); // prettier-ignore
          return happens(one.tenant, one.ip, 'userid', told(logoff));
        }
        case 'delete':
          return happens(one.tenant, one.ip, one.slot, deleted);
        case 'miss':
          return happens(one.tenant, one.ip, 'userid', { kind: 'missed', delayMs: 0 });
        case 'decide':
          if (one.together) return Promise.all(one.named.map(async (each) => decide(one.tenant, one.credentialId, [each]))); // prettier-ignore
          return decide(one.tenant, one.credentialId, one.named);
        case 'close':
          return codeOfAsync(closeSession(reading, one.tenant, one, { bytesIn: posted })).catch(() => 'closed');
        case 'wait':
          now += one.ms;
      }
    },

    /** Who stands at an address, by the plain word of the table, with a name for his tenure. */
    async standing(tenant: TenantId, ip: IpAddress) {
      const [first] = search(await deps.table.entries.at(tenant, ip), readingAt(now));
      const entry = first && entryIn(first.item);
      return entry && JSON.stringify([entry.origin, entry.domain, entry.user, entry.heldSince]);
    },

    async sessionsAt(tenant: TenantId, ip: IpAddress) {
      return (await findSessions(reading, tenant, { ip, limit: 1_000 })).items;
    },
  };
}

const isOpen = (session: Session | ClosedSession) => !('ending' in session);

test(`no session outlives its user’s stay, in ${cases} stories`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
      const world = aWorld();
      await world.begin();
      const over = new Set<string>();
      for (const one of steps) {
        await world.take(one);
        for (const tenant of tenants) {
          for (const ip of addresses) {
            const standing = await world.standing(tenant, ip);
            const sessions = await world.sessionsAt(tenant, ip);
            for (const session of sessions) {
              const { tenure } = session;
              const name = `${tenant} ${nameOf(session)}`;
              if (!isOpen(session)) over.add(name);
              else {
                expect(over.has(name)).toBe(false);
                if (tenure) expect(JSON.stringify([tenure.origin, tenure.domain, tenure.user, tenure.heldSince])).toBe(standing); // prettier-ignore
              }
            }
            const managed = sessions.filter((session) => isOpen(session) && session.tenure);
            expect(managed.length).toBeLessThanOrEqual(mostManaged);
            const keys = sessions.filter(isOpen).map(({ credentialId, id }) => JSON.stringify([credentialId, id]));
            expect(new Set(keys).size).toBe(keys.length);
          }
        }
      }
    }),
    { numRuns: cases, endOnFailure: true, interruptAfterTimeLimit: 200_000 },
  );
});

test('what happens to one tenant, and to one credential, changes nothing for another', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const [t1] = tenants;
      const isOthers = (one: Step) => 'tenant' in one && one.tenant !== t1;
      const [whole, own] = [aWorld(), aWorld()];
      for (const world of [whole, own]) await world.begin();
      for (const one of steps) {
        await whole.take(one);
        await own.take(isOthers(one) ? { kind: 'wait', ms: 0 } : one);
      }

      for (const ip of addresses) expect(await own.sessionsAt(t1 ?? tenantId('t1'), ip)).toEqual(await whole.sessionsAt(t1 ?? tenantId('t1'), ip)); // prettier-ignore
    }),
    { numRuns: cases, endOnFailure: true },
  );
});
