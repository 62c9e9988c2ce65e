/** Asks a JIMS who is at an address, or for the next of all that it knows. Always over TLS: a token stands in every request. */
import type { IdentityManagement, IdentityServer } from '../configuration/configuration.ts';
import type { IpAddress } from '../identity/address.ts';
import type { Asked } from '../user-query/asking.ts';
import { hostOf } from '../user-query/servers.ts';
import type { FindToken } from '../user-query/tokens.ts';
import { askWithToken, type Client, pathOf } from './bearer-client.ts';
import type { Reach } from './connection-client.ts';

export type JimsSettings = IdentityServer<string> & Pick<IdentityManagement<unknown>, 'port' | 'queryApi'> & Client;

export interface JimsQuestion {
  readonly settings: JimsSettings;
  readonly about: About;
  readonly findToken: FindToken;
}

export type About = { readonly ip: IpAddress } | Batch;

/** From where the cookie says; without one from this second on, since 1970. */
export interface Batch {
  readonly beginTime: number;
  readonly count: number;
  readonly cookie?: string;
}

export async function askJims({ settings, about, findToken }: JimsQuestion, reach: Reach): Promise<Asked> {
  const { port, caCertificate, queryApi } = settings;
  const target = { host: hostOf(settings), port, security: 'tls', caCertificate } as const;
  const path = `${pathOf(queryApi).replace(/\/+$/, '')}/${pathOfQuestion(about)}`;
  const most = 'ip' in about ? {} : { mostBytes: about.count * entryBytes };
  return askWithToken({ target, client: settings, path, findToken, ...most }, reach);
}

/** One entry with all the roles that we would keep of it, and then some. */
const entryBytes = 16_384;

function pathOfQuestion(about: About): string {
  if ('ip' in about) return `ip/${encodeURIComponent(about.ip)}`;
  const { beginTime, count, cookie } = about;
  const asked = new URLSearchParams({ begintime: String(beginTime), entry_count: String(count) });
  if (cookie !== undefined) asked.set('cookie', cookie);
  return `users/endpoints?${asked.toString()}`;
}
