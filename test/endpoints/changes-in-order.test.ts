/**
 * What holds of changes of authorization whatever happens meanwhile: holds that come and go, logins, accounting, switches
 * that refuse or say nothing, sites that forget what they were handed, answers that come late or twice.
 */
import fc from 'fast-check';
import { answerChange, changeName } from '../../shared/endpoints/answer-change.ts';
import { isUnsettled } from '../../shared/endpoints/changes.ts';
import type { Endpoint } from '../../shared/endpoints/endpoint.ts';
import type { ChangeAnswer } from '../../shared/endpoints/events.ts';
import { handOverChanges, siteLeaseMs } from '../../shared/endpoints/hand-over-changes.ts';
import { accessOf, isSameAccess } from '../../shared/endpoints/holds.ts';
import { openSessions } from '../../shared/endpoints/sessions.ts';
import { changesOf } from '../support/changes.ts';
import { aClear, aHold, aLogin, aRecord } from '../support/endpoints.ts';
import { acme, globex } from '../support/observations.ts';

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('hold' as const), hold: fc.constantFrom('blocked' as const, 'quarantined' as const) }) }, // prettier-ignore
  { weight: 3, arbitrary: fc.record({ do: fc.constant('clear' as const), hold: fc.constantFrom('blocked' as const, 'quarantined' as const) }) }, // prettier-ignore
  { weight: 2, arbitrary: fc.record({ do: fc.constant('start' as const), port: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), port: fc.nat(2) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('poll' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      which: fc.nat(3),
      result: fc.constantFrom('ack' as const, 'nak' as const, 'gone' as const, 'timeout' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 2_000, 6_000, 31_000) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;

interface Handed {
  readonly id: string;
  readonly session: string;
  readonly at: number;
}

const answerOf = (result: 'ack' | 'nak' | 'gone' | 'timeout'): ChangeAnswer => ({
  result: result === 'gone' ? 'nak' : result,
  errorCause: result === 'gone' ? 503 : result === 'nak' ? 506 : null,
  roundTripMs: null,
  detail: null,
});

function play() {
  const site = changesOf();
  /** What the site has in hand; the newest last. */
  const handed: Handed[] = [];
  const answered = new Set<string>();
  const faults: string[] = [];
  const now = () => site.table.now();
  const attempt = ({ id, at }: Handed) => `${id} ${at}`;

  async function poll() {
    for (const { mac, change } of await handOverChanges(site.deps, acme, 0)) {
      const open = handed.filter((each) => !answered.has(attempt(each)) && now() < each.at + siteLeaseMs);
      if (open.length > 0)
        faults.push(`${change.id} was handed over while ${open.map(({ id }) => id).join()} is under way`);
      const endpoint = await site.endpoint();
      if (endpoint && !isSameAccess(change.wanted, accessOf(endpoint, now(), change.session))) {
        faults.push(`${change.id} was handed over, and is not what is wanted`);
      }
      handed.push({ id: changeName(mac, change), session: change.session, at: now() });
    }
    if ((await handOverChanges(site.deps, globex, 0)).length > 0) faults.push('another tenant was handed something');
  }

  async function answer(one: Handed | undefined, result: 'ack' | 'nak' | 'gone' | 'timeout') {
    if (one === undefined) return;
    await answerChange(site.deps, acme, one.id, answerOf(result));
    for (const each of handed.filter(({ id, at }) => id === one.id && at <= one.at)) answered.add(attempt(each));
  }

  async function act(told: Step): Promise<unknown> {
    site.later(1);
    const at = (port: number) => ({ acctSessionId: `session-${port}`, port: `ge-0/0/${port}`, loginId: null, ip: null, instant: now() }); // prettier-ignore
    switch (told.do) {
      case 'hold':
        return site.follow(aHold({ hold: told.hold, role: told.hold === 'quarantined' ? 'Quarantine' : null }));
      case 'clear':
        return site.follow(aClear({ hold: told.hold }));
      case 'start':
        return site.follow({ kind: 'accounted', record: aRecord({ status: 'start', ...at(told.port) }) });
      case 'stop':
        return site.follow({ kind: 'accounted', record: aRecord({ status: 'stop', ...at(told.port) }) });
      case 'poll':
        return poll();
      case 'answer':
        return answer(handed.at(-1 - told.which), told.result);
      case 'wait':
        return site.later(told.ms);
    }
  }

  /** From now on the site and its switches do what they ought to, until there is nothing left to do. */
  async function settle() {
    for (let round = 0; round < 40; round += 1) {
      site.later(6 * 60_000);
      await poll();
      const last = handed.at(-1);
      if (last && !answered.has(attempt(last))) await answer(last, 'ack');
      const endpoint = await site.endpoint();
      if (!endpoint?.changes.some(isUnsettled)) return;
    }
    faults.push('it does not come to an end');
  }

  return { site, act, settle, faults };
}

/** Of each open session that has not what it is to have: the last that its switch acknowledged is what it is to have. */
function leftBehind(endpoint: Endpoint, now: number) {
  return openSessions(endpoint, now).filter(({ key, granted }) => {
    const wanted = accessOf(endpoint, now, key);
    const last = endpoint.changes.find((change) => change.session === key && change.state === 'acknowledged');
    return !isSameAccess(granted, wanted) && (last === undefined || !isSameAccess(last.wanted, wanted));
  });
}

test('one change of an endpoint is under way at a time, only what is wanted is sent, and in the end every switch was told the newest', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { site, act, settle, faults } = play();
      await site.follow({ kind: 'authenticated', login: aLogin({ port: 'ge-0/0/0' }) });
      for (const each of steps) await act(each);
      await settle();
      const endpoint = await site.endpoint();

      expect(faults).toEqual([]);
      expect(endpoint && leftBehind(endpoint, site.table.now())).toEqual([]);
      expect(await site.endpoint({ tenant: globex })).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});
