/** A tenant's configuration in memory, with all that changes it; made anew for each test. */
import {
  type ChangeConfiguration,
  replaceConfiguration,
  restoreConfiguration,
} from '../../shared/configuration/change-configuration.ts';
import type { Configuration } from '../../shared/configuration/configuration.ts';
import { versionsOf } from '../../shared/configuration/versions.ts';
import { ServiceError } from '../../shared/service-error.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';
import { fakeConfigurationStore } from './fake-configuration-store.ts';
import { aSalt } from './salt.ts';
import { fakeSecrets } from './fake-secrets.ts';
import { acme, noon } from './observations.ts';

export const author = { id: 'credential-1', name: 'first' };

/** A document that says this of user query, and nothing else. */
export const userQuery = (told: object) => ({ clearpass: { userQuery: told } });
export const cppm = (address: string, told: object = {}) => userQuery({ server: { name: 'cppm', address }, ...told });

interface Told extends Partial<ChangeConfiguration> {
  readonly tenant?: TenantId;
  readonly onlyOver?: readonly string[];
}

export function changingConfigurations() {
  const [configurations, secrets] = [fakeConfigurationStore(), fakeSecrets()];
  const depsWith = (deps: Partial<ChangeConfiguration>) => ({
    configurations,
    secrets,
    salt: aSalt,
    now: () => noon,
    ...deps,
  });

  const replace = async (document: unknown, { tenant = acme, onlyOver = ['*'], ...deps }: Told = {}) =>
    replaceConfiguration(depsWith(deps), tenant, { document, onlyOver, author });

  return {
    configurations,
    secrets,
    replace,

    restore: async (version: string, { tenant = acme, onlyOver = ['*'], ...deps }: Told = {}) =>
      restoreConfiguration(depsWith(deps), tenant, { version, onlyOver, author, message: 'as it was' }),

    /** The versions that are kept, the newest first. */
    versions: async (tenant = acme) => versionsOf(await configurations.history(tenant)),

    secretOf: async ({ clearpass }: Configuration, tenant = acme) => {
      const { clientSecret } = clearpass.userQuery;
      return clientSecret && (await secrets.open({ tenant, name: 'clearpass' }, clientSecret))?.text;
    },

    /** Somebody else replaces the configuration between each of so many reads and writes. */
    outrun: (times: number): typeof configurations => {
      let left = times;
      return {
        ...configurations,
        async replace(tenant, change) {
          if (left > 0) {
            left -= 1;
            await replaceConfiguration(depsWith({}), tenant, {
              document: userQuery({ clientSecret: `other ${left}` }),
              author: { id: 'credential-2', name: 'another' },
            });
          }
          return configurations.replace(tenant, change);
        },
      };
    },
  };
}

/** What is wrong, each with its rule, where a change is refused for it. */
export async function wrongWith(change: Promise<unknown>): Promise<unknown> {
  try {
    await change;
    return [];
  } catch (error) {
    return error instanceof ServiceError
      ? error.details.violations?.map(({ pointer, rule }) => [pointer, rule])
      : error;
  }
}
