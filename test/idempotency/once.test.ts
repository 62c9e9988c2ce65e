import fc from 'fast-check';
import { type AttemptStore, type Keyed, type KeptAnswer, once } from '../../shared/idempotency/once.ts';
import { fakeAttemptStore } from '../support/fake-attempt-store.ts';
import { acme, globex, minutes, noon } from '../support/observations.ts';

let attempts: AttemptStore;
let now: number;
let acted: string[];
let unkept: unknown[];
beforeEach(() => {
  [attempts, now, acted, unkept] = [fakeAttemptStore(), noon, [], []];
});

const keyed = (told: Partial<Keyed> = {}): Keyed => ({
  place: { tenant: acme, credentialId: 'credential-1', key: 'key-1' },
  fingerprint: 'rotate',
  untilAt: now + minutes(1),
  ...told,
});

const send = async (told: Partial<Keyed> = {}, answer: KeptAnswer = { status: 200, body: `${acted.length + 1}` }) =>
  once({ attempts, now: () => now, unkept: (error) => void unkept.push(error) }, keyed(told), async () => {
    acted.push(told.fingerprint ?? 'rotate');
    return Promise.resolve(answer);
  });

test('a repeat is answered as the first was, for a day, and acts no second time', async () => {
  const first = await send();
  now += 24 * minutes(60) - 1;
  const repeat = await send();

  expect(first).toEqual({ answer: { status: 200, body: '1' }, replayed: 'no' });
  expect(repeat).toEqual({ answer: { status: 200, body: '1' }, replayed: 'yes' });
  expect(acted).toHaveLength(1);

  now += 1;
  expect(await send()).toMatchObject({ answer: { body: '2' }, replayed: 'no' });
});

test('a refusal is an answer, too: what it found may be otherwise when the request comes again', async () => {
  await send({}, { status: 404, body: 'nobody is there' });

  expect(await send()).toEqual({ answer: { status: 404, body: 'nobody is there' }, replayed: 'yes' });
  expect(acted).toHaveLength(1);
});

test('a key stands for one request: with another it is refused, whether or not the first has answered', async () => {
  await attempts.replace(keyed().place, undefined, {
    fingerprint: 'rotate',
    leaseUntilAt: now + 1,
    keptUntilAt: now + 9,
  });
  await expect(send({ fingerprint: 'revoke' })).rejects.toMatchObject({ code: 'idempotency-key-reused' });

  now += 1;
  await send();
  await expect(send({ fingerprint: 'revoke' })).rejects.toMatchObject({ code: 'idempotency-key-reused' });
  expect(acted).toEqual(['rotate']);
});

test('while the first is under way a repeat is told when to come again', async () => {
  await attempts.replace(keyed().place, undefined, {
    fingerprint: 'rotate',
    leaseUntilAt: now + 2_500,
    keptUntilAt: now + minutes(60),
  });

  await expect(send()).rejects.toMatchObject({ code: 'request-in-progress', details: { retryAfterSeconds: 3 } });
  expect(acted).toEqual([]);
});

test('the lease of an attempt that was killed ends by time', async () => {
  await attempts.replace(keyed().place, undefined, {
    fingerprint: 'rotate',
    leaseUntilAt: now + 2_500,
    keptUntilAt: now + minutes(60),
  });
  now += 2_500;

  expect(await send()).toMatchObject({ replayed: 'no' });
});

test.each(['is answered 503', 'fails'])('what %s by our fault leaves the key free', async (how) => {
  const fails = async () =>
    how === 'fails' ? Promise.reject(new Error('no table')) : Promise.resolve({ status: 503, body: '' });
  await once({ attempts, now: () => now, unkept: () => undefined }, keyed(), fails).catch(() => undefined);

  expect(await send({ fingerprint: 'another' })).toMatchObject({ replayed: 'no' });
});

test('an answer that cannot be kept is given all the same, and that is told', async () => {
  const memory = attempts;
  attempts = {
    read: memory.read,
    replace: async (place, read, next) =>
      next.answer === undefined ? memory.replace(place, read, next) : Promise.reject(new Error('no table')),
  };

  expect(await send()).toMatchObject({ answer: { body: '1' } });
  expect(unkept).toHaveLength(1);
});

test.each([
  ['key', { key: 'key-2' }],
  ['credential', { credentialId: 'credential-2' }],
  ['tenant', { tenant: globex }],
])('another %s is another request', async (_, other) => {
  await send();
  await send({ place: { ...keyed().place, ...other } });

  expect(acted).toHaveLength(2);
});

test('however repeats overtake each other there is one effect, and one answer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 5 }), async (schedule, callers) => {
      const memory = fakeAttemptStore();
      const steps: AttemptStore = {
        read: schedule.scheduleFunction(memory.read),
        replace: schedule.scheduleFunction(memory.replace),
      };
      let effects = 0;
      const act = schedule.scheduleFunction(async () => {
        effects += 1;
        return Promise.resolve({ status: 200, body: `effect ${effects}` });
      });
      const repeat = async () => once({ attempts: steps, now: () => noon, unkept: () => undefined }, keyed(), act);
      const sent = Promise.allSettled(Array.from({ length: callers }, repeat));

      const outcomes = (await schedule.waitFor(sent)).map((each) =>
        each.status === 'fulfilled' ? each.value.answer.body : (each.reason as { code: string }).code,
      );

      expect(effects).toBe(1);
      expect(outcomes).toContain('effect 1');
      expect(outcomes.filter((each) => each !== 'effect 1' && each !== 'request-in-progress')).toEqual([]);
    }),
  );
});
