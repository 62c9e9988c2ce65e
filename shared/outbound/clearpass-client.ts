/** Asks a ClearPass who is at an address. */
import type { UserQuery } from '../configuration/configuration.ts';
import type { IpAddress } from '../identity/address.ts';
import type { Asked } from '../user-query/asking.ts';
import { hostOf } from '../user-query/servers.ts';
import type { FindToken } from '../user-query/tokens.ts';
import { askWithToken, type Client, pathOf } from './bearer-client.ts';
import type { Reach } from './connection-client.ts';

export type ClearPassSettings = Pick<UserQuery<string>, 'server' | 'caCertificate' | 'queryApi'> & Client;

export interface Question {
  readonly settings: ClearPassSettings;
  readonly ip: IpAddress;
  readonly findToken: FindToken;
}

export async function askClearPass({ settings, ip, findToken }: Question, reach: Reach): Promise<Asked> {
  const { server, caCertificate, queryApi } = settings;
  const security = server.connectMethod === 'https' ? 'tls' : 'none';
  const target = { host: hostOf(server), port: server.port, security, caCertificate } as const;
  const path = pathOf(queryApi.replaceAll('$IP$', () => encodeURIComponent(ip)));
  return askWithToken({ target, client: settings, path, findToken }, reach);
}
