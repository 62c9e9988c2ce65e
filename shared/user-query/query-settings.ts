/** What a tenant's configuration says about asking ClearPass and JIMS. */
import type { Configuration, IdentityManagement, UserQuery } from '../configuration/configuration.ts';
import { mayHaveEndpoints } from '../endpoints/taught-addresses.ts';
import type { SecretReference } from '../outbound/secrets.ts';

export interface QuerySettings {
  readonly userQuery: UserQuery<SecretReference | null>;
  readonly identityManagement: IdentityManagement<SecretReference | null>;
  /** Of what ClearPass answers; JIMS has its own. */
  readonly entryTimeoutMinutes: number;
  readonly invalidTimeoutMinutes: number;
  /** Days that what came of a question is told. */
  readonly storyDays: number;
  /** Whether the tenant may have endpoints that could be taught an address. */
  readonly endpoints: 'some' | 'none';
}

export const querySettings = ({
  clearpass,
  identityManagement,
  receipts,
  threatResponse,
}: Pick<Configuration, 'clearpass' | 'identityManagement' | 'receipts' | 'threatResponse'>): QuerySettings => ({
  userQuery: clearpass.userQuery,
  identityManagement,
  entryTimeoutMinutes: clearpass.entryTimeout,
  invalidTimeoutMinutes: clearpass.invalidEntryTimeout,
  storyDays: receipts.days,
  endpoints: mayHaveEndpoints(threatResponse),
});
