/** All that the functions describe. A function of the contract that is missing here does not compile. */
import type { RouteKey, routes } from '../../../shared/contract.ts';
import type { Api, Operation } from '../../../shared/api/operation.ts';
import { api as closeSession } from '../../close-session/api.ts';
import { api as configure } from '../../configure/api.ts';
import { api as decide } from '../../decide/api.ts';
import { api as deleteEntries } from '../../delete-entries/api.ts';
import { api as describeApi } from '../api.ts';
import { api as explainEntries } from '../../explain-entries/api.ts';
import { api as findActiveUsers } from '../../find-active-users/api.ts';
import { api as findEntries } from '../../find-entries/api.ts';
import { api as findEvents } from '../../find-events/api.ts';
import { api as findReceipts } from '../../find-receipts/api.ts';
import { api as findSessions } from '../../find-sessions/api.ts';
import { api as receiveThreatAction } from '../../receive-threat-action/api.ts';
import { api as receiveThreatLogs } from '../../receive-threat-logs/api.ts';
import { api as manageConnectors } from '../../manage-connectors/api.ts';
import { api as manageEndpoints } from '../../manage-endpoints/api.ts';
import { api as manageHosts } from '../../manage-hosts/api.ts';
import { api as handOverChanges } from '../../hand-over-changes/api.ts';
import { api as logIn } from '../../log-in/api.ts';
import { api as manageTenants } from '../../manage-tenants/api.ts';
import { api as moveTenants } from '../../move-tenants/api.ts';
import { api as postEntries } from '../../post-entries/api.ts';
import { api as pullForwardingTable } from '../../pull-forwarding-table/api.ts';
import { api as putEntry } from '../../put-entry/api.ts';
import { api as queryUsers } from '../../query-users/api.ts';
import { api as serveFeed } from '../../serve-feed/api.ts';
import { api as serveRadius } from '../../serve-radius/api.ts';
import { api as setUp } from '../../set-up/api.ts';
import { api as tellHealth } from '../../tell-health/api.ts';

const apis: { readonly [Name in (typeof routes)[RouteKey]['function']]: Api<Name> } = {
  'post-entries': postEntries,
  'find-entries': findEntries,
  'pull-forwarding-table': pullForwardingTable,
  'put-entry': putEntry,
  'explain-entries': explainEntries,
  'delete-entries': deleteEntries,
  decide,
  'find-sessions': findSessions,
  'close-session': closeSession,
  'query-users': queryUsers,
  'find-receipts': findReceipts,
  'find-events': findEvents,
  'serve-feed': serveFeed,
  'log-in': logIn,
  'find-active-users': findActiveUsers,
  configure,
  'receive-threat-action': receiveThreatAction,
  'receive-threat-logs': receiveThreatLogs,
  'manage-connectors': manageConnectors,
  'manage-endpoints': manageEndpoints,
  'manage-hosts': manageHosts,
  'set-up': setUp,
  'manage-tenants': manageTenants,
  'move-tenants': moveTenants,
  'hand-over-changes': handOverChanges,
  'serve-radius': serveRadius,
  'tell-health': tellHealth,
  'describe-api': describeApi,
};

export const described = Object.assign({}, ...Object.values(apis)) as Readonly<Record<RouteKey, Operation>>;
