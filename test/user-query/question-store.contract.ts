/** What every QuestionStore promises. Run against the fake and against each engine. */
import type { QuestionStore } from '../../shared/user-query/questions.ts';
import { acme, globex } from '../support/observations.ts';

export function questionStoreContract(name: string, open: () => Promise<QuestionStore>) {
  test(`${name} sums a minute and all later ones, of one tenant, and loses none that come at once`, async () => {
    const store = await open();
    const minute = 29_538_720;
    await store.add(acme, minute - 1, 'asked');
    await Promise.all(Array.from({ length: 20 }, async () => store.add(acme, minute, 'asked')));
    await store.add(acme, minute + 10, 'settled');
    await store.add(acme, minute + 10, 'asked');
    await store.add(globex, minute, 'settled', 7);

    expect(await store.since(acme, minute - 1)).toEqual({ asked: 22, settled: 1 });
    expect(await store.since(acme, minute)).toEqual({ asked: 21, settled: 1 });
    expect(await store.since(acme, minute + 11)).toEqual({ asked: 0, settled: 0 });
    expect(await store.since(globex, minute)).toEqual({ asked: 0, settled: 7 });
  });
}
