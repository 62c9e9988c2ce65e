import type { ThreatAnswer } from '../../shared/admission/receive.ts';
import { receiveLines } from '../../shared/admission/receive.ts';
import { tenantId } from '../../shared/tenancy/tenant.ts';
import { acting, type TakesLines } from '../../shared/threat-logs/act-on-logs.ts';
import type { ThreatArrival } from '../../shared/threat-logs/tell-threats.ts';
import { noon } from '../support/observations.ts';

const [t1, t10] = [tenantId('t1'), tenantId('t10')];
const arrival: ThreatArrival = {
  credentialName: 'relay',
  clientAddress: '203.0.113.7',
  requestId: 'r',
  actId: 'logs-r',
  receivedAt: noon,
  deadlineAt: noon + 29_000,
};
const linesOf = (count: number) => Array.from({ length: count }, (_, index) => Buffer.from(`line ${index}`));
const refused: ThreatAnswer = { fault: { code: 'message-unmatched', message: 'It does not match.' } };
const busy: ThreatAnswer = { fault: { code: 'busy', message: 'A store is busy.' } };

/** Answers each line so. */
const taking = (answerTo: (index: number) => ThreatAnswer) => {
  const taken: string[][] = [];
  const take: TakesLines = async (_tenant, _arrival, body) => {
    const lines = Buffer.from(body).toString().split('\n');
    taken.push(lines);
    return Promise.resolve(lines.map((_line, index) => answerTo(index)));
  };
  return { take, taken };
};

/** What is answered to a line for which there is no time, by whoever answers so. */
async function answersWithoutTime(lines: string): Promise<readonly ThreatAnswer[]> {
  const settings = { templates: [], clients: [] };
  const deps = { settingsOf: async () => Promise.resolve(settings), now: () => noon + 29_000 };
  return receiveLines(deps as unknown as Parameters<typeof receiveLines>[0], t1, arrival, Buffer.from(lines));
}

test('of a request the first two hundred kinds are acted on', async () => {
  const { take, taken } = taking(() => refused);

  expect(await acting(take)(t1, arrival, linesOf(1_000))).toBe(200);
  expect(await acting(take)(t10, arrival, linesOf(3))).toBe(3);

  expect(taken.map((lines) => [lines.length, lines[0]])).toEqual([[200, 'line 0'], [3, 'line 0']]); // prettier-ignore
});

test('what there was no time for is left, and fails nobody', async () => {
  const [late, behind] = await answersWithoutTime('one\ntwo');
  if (late === undefined || behind === undefined) throw new Error('Each line has an answer.');
  const { take } = taking((index) => (index < 2 ? refused : index === 2 ? late : behind));

  expect(await acting(take)(t1, arrival, linesOf(5))).toBe(2);
});

test('what a store was too busy for has all of it sent again', async () => {
  const { take } = taking((index) => (index < 2 ? refused : busy));

  await expect(acting(take)(t1, arrival, linesOf(5))).rejects.toMatchObject({ code: 'busy' });
});

test('half of the time is for what goes on', async () => {
  const deadlines: number[] = [];
  const take: TakesLines = async (_tenant, { deadlineAt }) => {
    deadlines.push(deadlineAt);
    return Promise.resolve([refused]);
  };

  await acting(take)(t1, arrival, linesOf(1));

  expect(deadlines).toEqual([noon + 14_500]);
});

test('nothing is asked of nobody', async () => {
  const { take, taken } = taking(() => refused);

  expect(await acting(take)(t1, arrival, [])).toBe(0);
  expect(taken).toEqual([]);
});

test('a line feed in a line is no end of it', async () => {
  const { take, taken } = taking(() => refused);

  await acting(take)(t1, arrival, [Buffer.from('one\r\ntwo'), Buffer.from('three')]);

  expect(taken).toEqual([['one two', 'three']]);
});
