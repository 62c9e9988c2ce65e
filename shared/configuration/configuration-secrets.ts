/** The places of a configuration where a secret belongs, so that no other file needs to know them. */
import { foldCase } from '../identity/fold-case.ts';
import type { SecretReference } from '../outbound/secrets.ts';
import { usersShown } from './configuration-passwords.ts';
import type { Configuration, ConfigurationWith } from './configuration.ts';
import type { ConnectorType } from './threat-response.ts';

export type ServerName = 'clearpass' | 'identity-management-primary' | 'identity-management-secondary';
export type SecretName = ServerName | 'atp-cloud' | `radius-client/${string}` | `connector/${string}`;

/** What the secret of this RADIUS client is called where it is kept. */
export const radiusSecretName = (client: string): SecretName => `radius-client/${foldCase(client)}`;

/** What the secret of this connector is called where it is kept. */
export const connectorSecretName = (connector: string): SecretName => `connector/${foldCase(connector)}`;

export interface SecretPlace extends Recipient {
  readonly name: SecretName;
  /** Where it stands in the document. */
  readonly keys: readonly string[];
}

/** For whom a secret was given, and for nobody else. */
export interface Recipient {
  readonly host: string;
  /** What listens there, where a host may have several. */
  readonly way?: Way;
}

export interface Way {
  readonly type?: ConnectorType;
  readonly port: number;
  readonly connectMethod: 'https' | 'http';
}

const wayOf = ({ type, port, connectMethod }: Way): Way => ({ ...(type && { type }), port, connectMethod });

/** Where each server's stands in a document. */
export const secretPlaces: Readonly<Record<ServerName, readonly string[]>> = {
  clearpass: ['clearpass', 'userQuery', 'clientSecret'],
  'identity-management-primary': ['identityManagement', 'primary', 'clientSecret'],
  'identity-management-secondary': ['identityManagement', 'secondary', 'clientSecret'],
};

const ofServer = (name: ServerName, host: string): SecretPlace => ({ name, keys: secretPlaces[name], host });

/** The same configuration with something else in the place of each secret. */
export function mapSecrets<From, To, Password>(
  configuration: ConfigurationWith<From, Password>,
  to: (secret: From, place: SecretPlace) => To,
): ConfigurationWith<To, Password> {
  const { clearpass, identityManagement, threatResponse } = configuration;
  const { userQuery } = clearpass;
  const { primary, secondary } = identityManagement;
  return {
    ...configuration,
    clearpass: {
      ...clearpass,
      userQuery: {
        ...userQuery,
        clientSecret: to(userQuery.clientSecret, ofServer('clearpass', userQuery.server.address)),
      },
    },
    identityManagement: {
      ...identityManagement,
      primary: {
        ...primary,
        clientSecret: to(primary.clientSecret, ofServer('identity-management-primary', primary.address)),
      },
      secondary: secondary && {
        ...secondary,
        clientSecret: to(secondary.clientSecret, ofServer('identity-management-secondary', secondary.address)),
      },
    },
    threatResponse: {
      ...threatResponse,
      radiusClients: threatResponse.radiusClients.map((client, index) => ({
        ...client,
        secret: to(client.secret, {
          name: radiusSecretName(client.name),
          keys: ['threatResponse', 'radiusClients', String(index), 'secret'],
          host: client.address,
        }),
      })),
      connectors: threatResponse.connectors.map((connector, index) => ({
        ...connector,
        password: to(connector.password, {
          name: connectorSecretName(connector.name),
          keys: ['threatResponse', 'connectors', String(index), 'password'],
          host: connector.address,
          way: wayOf(connector),
        }),
      })),
      feeds: {
        ...threatResponse.feeds,
        atpCloud: {
          ...threatResponse.feeds.atpCloud,
          token: to(threatResponse.feeds.atpCloud.token, {
            name: 'atp-cloud',
            keys: ['threatResponse', 'feeds', 'atpCloud', 'token'],
            host: threatResponse.feeds.atpCloud.address,
            way: wayOf(threatResponse.feeds.atpCloud),
          }),
        },
      },
    },
  };
}

/** Every secret with its place; those of a server that is not there are missing. */
export function secretsOf<Secret>(
  configuration: ConfigurationWith<Secret, unknown>,
): readonly (SecretPlace & { readonly secret: Secret })[] {
  const found: (SecretPlace & { readonly secret: Secret })[] = [];
  mapSecrets(configuration, (secret, place) => found.push({ ...place, secret }));
  return found;
}

/** The secrets by their names. */
export const secretsByName = <Secret>(configuration: ConfigurationWith<Secret, unknown>) =>
  new Map(secretsOf(configuration).map((each) => [each.name, each]));

export const referencesOf = (configuration: Configuration): readonly SecretReference[] =>
  secretsOf(configuration).flatMap(({ secret }) => secret ?? []);

/** A configuration as it is shown: of secrets and passwords only whether there are some. It can be sent back as it is. */
export function shown({ clearpass, identityManagement, threatResponse, ...rest }: Configuration) {
  const { primary, secondary } = identityManagement;
  return {
    clearpass: { ...clearpass, userQuery: hidden(clearpass.userQuery) },
    ...rest,
    identityManagement: { ...identityManagement, primary: hidden(primary), secondary: secondary && hidden(secondary) },
    threatResponse: {
      ...threatResponse,
      authenticationServers: threatResponse.authenticationServers.map(usersShown),
      radiusClients: threatResponse.radiusClients.map(({ secret, ...client }) => ({
        ...client,
        secretSet: secret !== null,
      })),
      connectors: threatResponse.connectors.map(({ password, ...connector }) => ({
        ...connector,
        passwordSet: password !== null,
      })),
      feeds: { ...threatResponse.feeds, atpCloud: tokenHidden(threatResponse.feeds.atpCloud) },
    },
  };
}

const tokenHidden = <Feed extends { readonly token: unknown }>({ token, ...feed }: Feed) => ({
  ...feed,
  tokenSet: token !== null,
});

const hidden = <Server extends { readonly clientSecret: unknown }>({ clientSecret, ...server }: Server) => ({
  ...server,
  clientSecretSet: clientSecret !== null,
});
