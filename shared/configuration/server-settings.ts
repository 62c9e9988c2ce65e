/** What the servers need that we ask, and to whom a secret may be sent that was kept before. */
import { typeDeclarations } from '../connectors/connector-types.ts';
import type { SecretReference } from '../outbound/secrets.ts';
import type { Violation } from '../service-error.ts';
import { pointerOf } from '../violation.ts';
import { readPrefix } from './address-prefix.ts';
import type { PostedSecret } from './configuration-schema.ts';
import {
  connectorSecretName,
  radiusSecretName,
  type Recipient,
  type SecretName,
  secretPlaces,
  secretsByName,
  secretsOf,
  type ServerName,
  type Way,
} from './configuration-secrets.ts';
import type { Configuration, ConfigurationWith, IdentityServer, UserQuery } from './configuration.ts';
import type { Readable } from './readable.ts';

/** In the place of a secret of which nothing is said. */
export const leftOut = Symbol('left out');

/** The set-up of threat response, as far as it can be read. */
export type ReadableSetUp = NonNullable<Readable<ReadableDocument['threatResponse']>>;

type Secret = PostedSecret | typeof leftOut;

export type ReadableDocument = ConfigurationWith<Secret, Secret>;
export type ReadableConfiguration = Readable<ReadableDocument>;

/** `again`: there is one, but it was given for another host. `undefined`: that cannot be read. */
type Presence = 'set' | 'missing' | 'again' | undefined;

export function serverViolations(document: ReadableConfiguration, kept: Configuration): readonly Violation[] {
  const before = keptServers(kept);
  return serversOf(document).flatMap(({ name, keys, enabled, texts, host, way, secret, mend = orSwitchOff }) => {
    const presence = presenceOf({ host, secret, ...(way && { way }) }, before(name));
    const missing = texts.filter(({ value }) => value === '').map((text) => [...keys.slice(0, -1), ...text.keys]);
    if (presence === 'missing') missing.push([...keys]);
    return [
      ...(enabled === true ? missing.map((each) => needed(each, mend)) : []),
      ...(presence === 'again' ? [toGiveAgain(keys, before(name))] : []),
    ];
  });
}

/** A secret goes with its server: kept for nobody, it would wait for whoever names a host next. */
export function serverWarnings(document: ReadableConfiguration, kept: Configuration): readonly Violation[] {
  const servers = serversOf(document);
  const keptOf = keptServers(kept);
  const withoutAddress = servers.flatMap(({ name, keys, host, secret }) => {
    const before = keptOf(name);
    if (secret !== leftOut || host !== '' || before.host === '' || before.secret === null) return [];
    return [secretRemoved(keys, 'The server has no address any more')];
  });
  const there = new Set(servers.map(({ name }) => name));
  const takenOut = removable.flatMap(({ list, kind, prefix, leaves }) => {
    const items = document?.threatResponse?.[list];
    if (items === undefined || items.some((item) => item?.name === undefined)) return [];
    return secretsOf(kept).flatMap(({ name, secret, host }) =>
      name.startsWith(prefix) && secret !== null && !there.has(name)
        ? [secretRemoved(['threatResponse', list], `The ${kind} at ${host} is not there any more`, leaves)]
        : [],
    );
  });
  return [...withoutAddress, ...takenOut];
}

/** Lists of what has a secret by its name. */
const removable = [
  { list: 'radiusClients', kind: 'RADIUS client', prefix: 'radius-client/', leaves: undefined },
  {
    list: 'connectors',
    kind: 'connector',
    prefix: 'connector/',
    leaves: {
      message: 'Hosts that it holds stay held there: nobody tells it to free them.',
      mend: 'To have them freed first, give it no subnets, and take it out once GET /v1/operations says so.',
    },
  },
] as const;

interface Left {
  readonly message: string;
  readonly mend: string;
}

const secretRemoved = (keys: readonly string[], reason: string, leaves?: Left): Violation => ({
  pointer: pointerOf(keys),
  rule: 'secret-removed',
  message: [`${reason}, so its secret is removed.`, leaves?.message].join(' ').trim(),
  mend: ['Leave it in the document with its name and address to keep its secret.', leaves?.mend].join(' ').trim(),
});

const needed = (keys: readonly string[], mend: string): Violation => ({
  pointer: pointerOf(keys),
  rule: 'required',
  message: 'What is switched on needs this.',
  mend,
});

const orSwitchOff = 'Fill this in, or set "enabled" to false until it is known.';

const toGiveAgain = (keys: readonly string[], { host, way }: Recipient): Violation => ({
  pointer: pointerOf(keys),
  rule: 'secret-again',
  message:
    host === ''
      ? 'The secret was given for no host yet.'
      : `The secret was given for ${placeOf(host, way)}, and for no other.`,
  mend: 'Give the secret of this host with its address, or null for none.',
});

const placeOf = (host: string, way: Way | undefined) =>
  way === undefined
    ? host
    : `${way.type === undefined ? '' : `the ${way.type} at `}${way.connectMethod}://${host}:${way.port}`;

type ReadableWay = { readonly [Key in keyof Way]?: Way[Key] | undefined };

interface Server {
  readonly name: SecretName;
  /** Where its secret stands. */
  readonly keys: readonly string[];
  readonly enabled: boolean | undefined;
  readonly texts: readonly { readonly keys: readonly string[]; readonly value: string | undefined }[];
  readonly host: string | undefined;
  readonly way?: ReadableWay;
  readonly secret: Secret;
  /** How to mend what is missing, where it cannot be switched off. */
  readonly mend?: string;
}

function serversOf(document: ReadableConfiguration): readonly Server[] {
  const { userQuery } = document?.clearpass ?? {};
  const { enabled, primary, secondary } = document?.identityManagement ?? {};
  return [
    ...(userQuery ? [clearPass(userQuery)] : []),
    ...(primary ? [identityServer('identity-management-primary', enabled, primary)] : []),
    ...(secondary ? [identityServer('identity-management-secondary', enabled, secondary)] : []),
    ...radiusClients(document?.threatResponse),
    ...connectors(document?.threatResponse),
    ...atpCloud(document?.threatResponse),
  ];
}

const clearPass = ({ enabled, server, clientId, clientSecret }: NonNullable<Readable<UserQuery<Secret>>>): Server => ({
  name: 'clearpass',
  keys: secretPlaces.clearpass,
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
  keys: secretPlaces[name],
  enabled,
  texts: [
    { keys: ['address'], value: address },
    { keys: ['clientId'], value: clientId },
  ],
  host: address,
  secret: clientSecret,
});

/** We speak to switches ourselves only where changes of authorization go straight to them. */
function radiusClients(setUp: ReadableSetUp | undefined): readonly Server[] {
  const way = setUp?.changeOfAuthorization;
  return (setUp?.radiusClients ?? []).flatMap((client, index) => {
    if (client?.name === undefined) return [];
    const { name, address, secret } = client;
    return [
      {
        name: radiusSecretName(name),
        keys: ['threatResponse', 'radiusClients', String(index), 'secret'],
        enabled: way && way === 'direct',
        texts: [],
        host: address && (readPrefix(address).prefix ?? address),
        secret,
      },
    ];
  });
}

/** A connector is in use as soon as it is there. */
const connectors = (setUp: ReadableSetUp | undefined): readonly Server[] =>
  (setUp?.connectors ?? []).flatMap((connector, index) => {
    if (connector?.name === undefined) return [];
    const { name, type, address, port, connectMethod, username, password } = connector;
    const { username: user } = type === undefined ? { username: null } : typeDeclarations[type];
    return [
      {
        name: connectorSecretName(name),
        keys: ['threatResponse', 'connectors', String(index), 'password'],
        enabled: true,
        texts: [
          { keys: ['address'], value: address },
          ...(user === null ? [] : [{ keys: ['username'], value: username }]),
        ],
        host: address,
        way: { type, port, connectMethod },
        secret: password,
        mend: 'Fill this in, or take the connector out until it is known.',
      },
    ];
  });

function atpCloud(setUp: ReadableSetUp | undefined): readonly Server[] {
  const feed = setUp?.feeds?.atpCloud;
  if (feed === undefined) return [];
  const { enabled, address, port, connectMethod, token } = feed;
  const keys = ['threatResponse', 'feeds', 'atpCloud', 'token'];
  return [{ name: 'atp-cloud', keys, enabled, texts: [{ keys: ['address'], value: address }], host: address, way: { port, connectMethod }, secret: token }]; // prettier-ignore
}

function presenceOf({ host, way, secret }: Pick<Server, 'host' | 'way' | 'secret'>, before: KeptServer): Presence {
  if (secret === undefined) return undefined;
  if (secret !== leftOut) return secret === null || secret === '' ? 'missing' : 'set';
  if (before.secret === null) return 'missing';
  if (host === undefined) return undefined;
  if (isRecipient({ host, ...(way && { way }) }, before)) return 'set';
  return host === '' ? 'missing' : 'again';
}

interface KeptServer extends Recipient {
  readonly secret: SecretReference | null;
}

function keptServers(kept: Configuration): (name: SecretName) => KeptServer {
  const byName = secretsByName(kept);
  return (name) => byName.get(name) ?? { host: '', secret: null };
}

/**
 * A secret that was kept stays for the system only that it was given for, and is not sent in the clear where it was not
 * before. What cannot be read says nothing.
 */
export function isRecipient(
  { host, way = {} }: { readonly host: string; readonly way?: ReadableWay },
  kept: Recipient,
): boolean {
  if (hostName(host) !== hostName(kept.host)) return false;
  if (kept.way === undefined) return true;
  const isOther = (key: 'type' | 'port') => way[key] !== undefined && way[key] !== kept.way?.[key];
  return !isOther('type') && !isOther('port') && !(kept.way.connectMethod === 'https' && way.connectMethod === 'http');
}

/** Names of hosts differ neither by case nor by a dot at their end. */
const hostName = (text: string) => text.toLowerCase().replace(/\.$/, '');
