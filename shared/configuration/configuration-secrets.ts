/** The places of a configuration where a client secret belongs, so that no other file needs to know them. */
import type { SecretReference } from '../outbound/secrets.ts';
import type { Configuration, ConfigurationWith } from './configuration.ts';

export const secretNames = ['clearpass', 'identity-management-primary', 'identity-management-secondary'] as const;
export type SecretName = (typeof secretNames)[number];

/** Where each stands in a document. */
export const secretPlaces: Readonly<Record<SecretName, readonly string[]>> = {
  clearpass: ['clearpass', 'userQuery', 'clientSecret'],
  'identity-management-primary': ['identityManagement', 'primary', 'clientSecret'],
  'identity-management-secondary': ['identityManagement', 'secondary', 'clientSecret'],
};

/** The same configuration with something else in the place of each secret. */
export function mapSecrets<From, To>(
  configuration: ConfigurationWith<From>,
  to: (secret: From, name: SecretName) => To,
): ConfigurationWith<To> {
  const { clearpass, identityManagement } = configuration;
  const { userQuery } = clearpass;
  const { primary, secondary } = identityManagement;
  return {
    ...configuration,
    clearpass: {
      ...clearpass,
      userQuery: { ...userQuery, clientSecret: to(userQuery.clientSecret, 'clearpass') },
    },
    identityManagement: {
      ...identityManagement,
      primary: { ...primary, clientSecret: to(primary.clientSecret, 'identity-management-primary') },
      secondary: secondary && {
        ...secondary,
        clientSecret: to(secondary.clientSecret, 'identity-management-secondary'),
      },
    },
  };
}

/** Every secret, by its name; those of a server that is not there are missing. */
export function secretsOf<Secret>(configuration: ConfigurationWith<Secret>): Partial<Record<SecretName, Secret>> {
  const found: Partial<Record<SecretName, Secret>> = {};
  mapSecrets(configuration, (secret, name) => {
    found[name] = secret;
  });
  return found;
}

export const referencesOf = (configuration: Configuration): readonly SecretReference[] =>
  Object.values(secretsOf(configuration)).filter((reference) => reference !== null);

/** A configuration as it is shown: of each secret only whether there is one. It can be sent back as it is. */
export function shown({ clearpass, identityManagement, ...rest }: Configuration) {
  const { primary, secondary } = identityManagement;
  return {
    clearpass: { ...clearpass, userQuery: hidden(clearpass.userQuery) },
    ...rest,
    identityManagement: { ...identityManagement, primary: hidden(primary), secondary: secondary && hidden(secondary) },
  };
}

const hidden = <Server extends { readonly clientSecret: unknown }>({ clientSecret, ...server }: Server) => ({
  ...server,
  clientSecretSet: clientSecret !== null,
});
