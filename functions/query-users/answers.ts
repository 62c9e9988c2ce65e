/** What an operator sends and sees of user queries. */
import * as v from 'valibot';
import { entryIn } from '../../shared/identity/entry.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import { closed, readDocument, text } from '../../shared/json-schema.ts';
import type { Asked } from '../../shared/user-query/ask-about.ts';
import type { queryStatus } from '../../shared/user-query/query-users.ts';

export const ask = closed({ ip: text(1, 64) });

/** Throws `body-invalid`. */
export const readAsk = (document: unknown): v.InferOutput<typeof ask> => readDocument(ask, document, 'body-invalid');

/** `known`: somebody is there, or the address is being asked about already. */
export const askedView = (ip: IpAddress, { outcome, item }: Asked) => ({
  ip,
  outcome,
  state: item?.state ?? 'none',
  user: entryIn(item)?.user ?? null,
});

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());

type Status = Awaited<ReturnType<typeof queryStatus>>;

const serverView = ({ lastResponseAt, tokenExpiresAt, ...server }: Status['servers'][number]) => ({
  ...server,
  lastResponseAt: iso(lastResponseAt),
  tokenExpiresAt: iso(tokenExpiresAt),
});

const batchView = ({ lastRunAt, nextAt, counted, ...batch }: Status['identityManagement']['batch']) => ({
  lastRunAt: iso(lastRunAt),
  nextAt: iso(nextAt),
  ...batch,
  ...counted,
});

export const statusView = ({ servers, identityManagement, ...rest }: Status) => ({
  ...rest,
  servers: servers.map(serverView),
  identityManagement: {
    ...identityManagement,
    servers: identityManagement.servers.map(serverView),
    batch: batchView(identityManagement.batch),
  },
});
