import { defaults } from '../../shared/configuration/configuration.ts';
import type { QuerySettings } from '../../shared/user-query/query-settings.ts';

type UserQuery = QuerySettings['userQuery'];

/** What a tenant's configuration says about asking ClearPass, where user query is on. */
export const querySettingsWith = (
  userQuery: Partial<UserQuery> = {},
  others: Partial<Omit<QuerySettings, 'userQuery'>> = {},
): QuerySettings => ({
  userQuery: {
    ...defaults.clearpass.userQuery,
    enabled: true,
    server: { name: 'cppm', address: 'clearpass.example.net', port: 443, connectMethod: 'https' },
    ...userQuery,
  },
  identityManagement: defaults.identityManagement,
  entryTimeoutMinutes: 30,
  invalidTimeoutMinutes: 30,
  storyDays: 14,
  endpoints: 'none',
  ...others,
});

type IdentityManagement = QuerySettings['identityManagement'];

/** What it says about asking JIMS, where that is on. */
export const jimsWith = (told: Partial<IdentityManagement> = {}): IdentityManagement => ({
  ...defaults.identityManagement,
  enabled: true,
  primary: { ...defaults.identityManagement.primary, address: 'jims.example.net', clientId: 'postern' },
  ...told,
});

export const aSecondary = { ...defaults.identityManagement.primary, address: 'jims-2.example.net', clientId: 'two' };
