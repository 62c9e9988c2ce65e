/** The places of a configuration where the password of a local user belongs, so that no other file needs to know them. */
import { foldCase } from '../identity/fold-case.ts';
import type { ConfigurationWith } from './configuration.ts';
import type { AuthenticationServer } from './threat-response.ts';

export interface PasswordPlace {
  /** Of this user of this authentication server: whoever is called otherwise is somebody else. */
  readonly owner: string;
  /** Where it stands in the document. */
  readonly keys: readonly string[];
}

/** The same configuration with something else in the place of each password. */
export function mapPasswords<Secret, From, To>(
  configuration: ConfigurationWith<Secret, From>,
  to: (password: From, place: PasswordPlace) => To,
): ConfigurationWith<Secret, To> {
  const { threatResponse } = configuration;
  return {
    ...configuration,
    threatResponse: {
      ...threatResponse,
      authenticationServers: threatResponse.authenticationServers.map((server, index) => {
        if (server.type === 'delegated') return server;
        const users = server.users.map((user, place) => ({
          ...user,
          password: to(user.password, { owner: ownerOf(server.name, user.name), keys: keysOf(index, place) }),
        }));
        return { ...server, users };
      }),
    },
  };
}

export const ownerOf = (server: string, user: string) => JSON.stringify([foldCase(server), foldCase(user)]);

export const keysOf = (server: number, user: number): readonly string[] => [
  'threatResponse',
  'authenticationServers',
  String(server),
  'users',
  String(user),
  'password',
];

/** Every password with its place. */
export function passwordsOf<Password>(
  configuration: ConfigurationWith<unknown, Password>,
): readonly (PasswordPlace & { readonly password: Password })[] {
  const found: (PasswordPlace & { readonly password: Password })[] = [];
  mapPasswords(configuration, (password, place) => found.push({ ...place, password }));
  return found;
}

/** The passwords by whose they are. */
export const passwordsByOwner = <Password>(configuration: ConfigurationWith<unknown, Password>) =>
  new Map(passwordsOf(configuration).map((each) => [each.owner, each.password]));

/** An authentication server as it is shown: of each password only whether there is one. */
export function usersShown(server: AuthenticationServer<unknown>) {
  if (server.type === 'delegated') return server;
  const users = server.users.map(({ password, ...user }) => ({ ...user, passwordSet: password !== null }));
  return { ...server, users };
}
