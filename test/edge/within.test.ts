import { within } from '../../shared/edge/within.ts';

const hour = 3_600_000;

test('what is done in time is done, and what fails in time fails', async () => {
  await expect(within(Date.now() + hour, Promise.resolve())).resolves.toBeUndefined();
  await expect(within(Date.now() + hour, Promise.reject(new Error('away')))).rejects.toThrow('away');
});

test('what never ends is not waited for', async () => {
  const endless = new Promise<void>(() => undefined);

  await expect(within(Date.now(), endless)).rejects.toThrow('no time left');
});
