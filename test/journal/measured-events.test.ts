import { eventStates } from '../../shared/journal/event-line.ts';
import { measuredEvents } from '../../shared/journal/measured-events.ts';
import { fakeEventLog } from '../support/fake-logs.ts';
import { fakeMeasure } from '../support/fake-measure.ts';
import { anEventLine } from '../support/log-lines.ts';
import { acme, globex, noon } from '../support/observations.ts';

test('what becomes of threat actions is counted when it has been told, by tenant and outcome', async () => {
  const { measure, measured } = fakeMeasure();
  const log = fakeEventLog(() => noon);
  const events = measuredEvents(log, measure, () => noon);

  await events.tell(acme, [anEventLine({ id: '1', state: 'applied' }), anEventLine({ id: '2', state: 'refused' }), anEventLine({ id: '3', state: 'refused' })]); // prettier-ignore
  await events.tell(globex, [anEventLine({ id: '1', state: 'released' })]);

  expect(measured).toEqual([
    { tenant: acme, measured: { ThreatActionsApplied: 1, ThreatActionsRefused: 2 } },
    { tenant: globex, measured: { HoldsReleased: 1 } },
  ]);
  expect(log.all(acme)).toHaveLength(3);
});

test.each(eventStates.filter((state) => state !== 'noted'))(
  'an event that is %s is counted under one name',
  async (state) => {
    const { measure, measured } = fakeMeasure();

    await measuredEvents(fakeEventLog(() => noon), measure, () => noon).tell(acme, [anEventLine({ state })]); // prettier-ignore

    expect(measured.flatMap(({ measured: told }) => Object.values(told) as number[])).toEqual([1]);
  },
);

test('what could not be told is not counted', async () => {
  const { measure, measured } = fakeMeasure();
  const log = { ...fakeEventLog(() => noon), tell: async () => Promise.reject(new Error('away')) };

  await expect(measuredEvents(log, measure, () => noon).tell(acme, [anEventLine()])).rejects.toThrow('away');

  expect(measured).toEqual([]);
});
