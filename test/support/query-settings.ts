import { defaults } from '../../shared/configuration/configuration.ts';
import type { QuerySettings } from '../../shared/user-query/query-settings.ts';

type UserQuery = QuerySettings['userQuery'];

/** What a tenant's configuration says about asking ClearPass, where user query is on. */
export const querySettingsWith = (
  userQuery: Partial<UserQuery> = {},
  timeouts: Partial<Omit<QuerySettings, 'userQuery'>> = {},
): QuerySettings => ({
  userQuery: {
    ...defaults.clearpass.userQuery,
    enabled: true,
    server: { name: 'cppm', address: 'clearpass.example.net', port: 443, connectMethod: 'https' },
    ...userQuery,
  },
  entryTimeoutMinutes: 30,
  invalidTimeoutMinutes: 30,
  ...timeouts,
});
