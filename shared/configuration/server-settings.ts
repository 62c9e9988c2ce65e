/** What the servers need that we ask, and to whom a secret may be sent that was kept before. */
import type { Violation } from '../service-error.ts';
import { pointerOf } from '../violation.ts';
import type { PostedSecret } from './configuration-schema.ts';
import { secretPlaces, secretsByName, type ServerName } from './configuration-secrets.ts';
import type { Configuration, ConfigurationWith, IdentityServer, UserQuery } from './configuration.ts';
import type { Readable } from './readable.ts';

/** In the place of a secret of which nothing is said. */
export const leftOut = Symbol('left out');

type Secret = PostedSecret | typeof leftOut;

export type ReadableDocument = ConfigurationWith<Secret, Secret>;
export type ReadableConfiguration = Readable<ReadableDocument>;

/** `again`: there is one, but it was given for another host. `undefined`: that cannot be read. */
type Presence = 'set' | 'missing' | 'again' | undefined;

export function serverViolations(document: ReadableConfiguration, kept: Configuration): readonly Violation[] {
  return serversOf(document).flatMap(({ name, enabled, texts, host, secret }) => {
    const keys = secretPlaces[name];
    const presence = presenceOf({ host, secret }, keptServer(kept, name));
    const missing = texts.filter(({ value }) => value === '').map((text) => [...keys.slice(0, -1), ...text.keys]);
    if (presence === 'missing') missing.push([...keys]);
    return [
      ...(enabled === true ? missing.map(needed) : []),
      ...(presence === 'again' ? [toGiveAgain(name, keptServer(kept, name).host)] : []),
    ];
  });
}

/** A secret goes with its server: kept for nobody, it would wait for whoever names a host next. */
export function serverWarnings(document: ReadableConfiguration, kept: Configuration): readonly Violation[] {
  return serversOf(document).flatMap(({ name, host, secret }) => {
    const before = keptServer(kept, name);
    if (secret !== leftOut || host !== '' || before.host === '' || before.secret === null) return [];
    return [
      {
        pointer: pointerOf(secretPlaces[name]),
        rule: 'secret-removed',
        message: 'The server has no address any more, so its secret is removed.',
        mend: 'Leave the address of the server in the document to keep its secret.',
      },
    ];
  });
}

const needed = (keys: readonly string[]): Violation => ({
  pointer: pointerOf(keys),
  rule: 'required',
  message: 'What is switched on needs this.',
  mend: 'Fill this in, or set "enabled" to false until it is known.',
});

const toGiveAgain = (name: ServerName, host: string): Violation => ({
  pointer: pointerOf(secretPlaces[name]),
  rule: 'secret-again',
  message:
    host === '' ? 'The secret was given for no host yet.' : `The secret was given for ${host}, and for no other.`,
  mend: 'Give the secret of this host with its address, or null for none.',
});

interface Server {
  readonly name: ServerName;
  readonly enabled: boolean | undefined;
  readonly texts: readonly { readonly keys: readonly string[]; readonly value: string | undefined }[];
  readonly host: string | undefined;
  readonly secret: Secret;
}

function serversOf(document: ReadableConfiguration): readonly Server[] {
  const { userQuery } = document?.clearpass ?? {};
  const { enabled, primary, secondary } = document?.identityManagement ?? {};
  return [
    ...(userQuery ? [clearPass(userQuery)] : []),
    ...(primary ? [identityServer('identity-management-primary', enabled, primary)] : []),
    ...(secondary ? [identityServer('identity-management-secondary', enabled, secondary)] : []),
  ];
}

const clearPass = ({ enabled, server, clientId, clientSecret }: NonNullable<Readable<UserQuery<Secret>>>): Server => ({
  name: 'clearpass',
  enabled,
  texts: [
    { keys: ['server', 'name'], value: server?.name },
    { keys: ['server', 'address'], value: server?.address },
    { keys: ['clientId'], value: clientId },
  ],
  host: server?.address,
  secret: clientSecret,
});

const identityServer = (
  name: ServerName,
  enabled: boolean | undefined,
  { address, clientId, clientSecret }: NonNullable<Readable<IdentityServer<Secret>>>,
): Server => ({
  name,
  enabled,
  texts: [
    { keys: ['address'], value: address },
    { keys: ['clientId'], value: clientId },
  ],
  host: address,
  secret: clientSecret,
});

function presenceOf({ host, secret }: Pick<Server, 'host' | 'secret'>, before: KeptServer): Presence {
  if (secret === undefined) return undefined;
  if (secret !== leftOut) return secret === null || secret === '' ? 'missing' : 'set';
  if (before.secret === null) return 'missing';
  if (host === undefined) return undefined;
  if (sameHost(host, before.host)) return 'set';
  return host === '' ? 'missing' : 'again';
}

type KeptServer = ReturnType<typeof keptServer>;

const keptServer = (kept: Configuration, name: ServerName) => {
  const { host = '', secret = null } = secretsByName(kept).get(name) ?? {};
  return { host, secret };
};

/** A secret that was kept stays for the host only that it was given for. */
export const sameHost = (one = '', other = '') => hostName(one) === hostName(other);

/** Names of hosts differ neither by case nor by a dot at their end. */
const hostName = (text: string) => text.toLowerCase().replace(/\.$/, '');
