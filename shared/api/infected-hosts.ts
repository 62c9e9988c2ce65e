/** An infected host, as every answer shows it. */
import * as v from 'valibot';
import { investigations } from '../endpoints/endpoint.ts';
import { hostEnforcements } from '../infected-hosts/host-view.ts';
import { feedNames, heldBys, wantedStates } from '../infected-hosts/host.ts';
import { instant, word } from './operation.ts';

const text = v.nullable(v.string());

export const infectedHost = v.strictObject({
  ip: v.string(),
  wanted: word(wantedStates),
  investigation: word(investigations),
  listings: v.array(
    v.strictObject({
      feed: word(feedNames),
      level: v.number(),
      threatName: text,
      wanted: v.pipe(word(wantedStates), v.description('What the rules call for.')),
      listedAt: instant,
      missedAt: v.pipe(v.nullable(instant), v.description('When the first good poll did not have it any more.')),
      silencedAt: v.pipe(v.nullable(instant), v.description('When an operator let it go.')),
      heldBy: v.nullable(word(heldBys)),
      cause: v.pipe(v.string(), v.description('Id of the poll or push that made it so.')),
    }),
  ),
  enforcement: v.strictObject({ state: word(hostEnforcements), reason: v.string() }),
  lastChangeAt: instant,
});
