/** What an operator sends of endpoints. */
import * as v from 'valibot';
import { approvalReasons } from '../../shared/admission/approval.ts';
import { feedNames } from '../../shared/infected-hosts/host.ts';
import { investigations } from '../../shared/endpoints/endpoint.ts';
import { closed, list, oneKindOf, oneOf, readDocument, text, whole } from '../../shared/json-schema.ts';

const untold = <Schema extends v.GenericSchema>(schema: Schema) => v.optional(v.nullable(schema), null);

const note = untold(text(1, 1_024));
/** At most a year; what is to stand longer stands until it is cleared. */
const minutes = untold(whole(1, 525_600));
const held = { threatName: untold(text(1, 256)), note, minutes };

export const address = closed({ ip: text(1, 64) });
export const block = closed(held);
const quarantined = {
  role: text(1, 128),
  ...held,
  session: v.optional(oneOf(['permanent', 'session']), 'permanent'),
};
export const quarantine = closed(quarantined);
export const clear = closed({ hold: oneOf(['blocked', 'quarantined', 'all']), note });
export const terminate = closed({ session: untold(text(1, 256)), note });
export const investigation = closed({ state: oneOf(investigations) });

/** In one call. */
const most = 1_000;
const which = {
  macs: untold(list(text(1, 64), { least: 1, most })),
  ips: untold(list(text(1, 64), { least: 1, most })),
};
export const bulk = oneKindOf('act', {
  block: closed({ act: v.literal('block'), ...which, ...held }),
  quarantine: closed({ act: v.literal('quarantine'), ...which, ...quarantined }),
  clear: closed({ act: v.literal('clear'), ...which, hold: oneOf(['blocked', 'quarantined', 'all']), note }),
  terminate: closed({ act: v.literal('terminate'), ...which, note }),
});
export type BulkBody = v.InferOutput<typeof bulk>;

export const decisions = closed({
  decision: oneOf(['approve', 'reject']),
  ids: untold(list(text(1, 64), { least: 1, most })),
  filter: untold(
    closed({
      reason: untold(oneOf(approvalReasons)),
      client: untold(text(1, 256)),
      feed: untold(oneOf(feedNames)),
      openedBefore: untold(text(1, 64)),
    }),
  ),
});
export type DecisionsBody = v.InferOutput<typeof decisions>;

export const undo = closed({ client: untold(text(1, 256)), note });

export const approval = closed({ mac: untold(text(1, 64)) });
export const nothing = closed({});

/** A reader of one of these. Throws `body-invalid`. */
export const reading =
  <Output>(schema: v.GenericSchema<unknown, Output>) =>
  (document: unknown): Output =>
    readDocument(schema, document, 'body-invalid');
