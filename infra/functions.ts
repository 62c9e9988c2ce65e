/** Every function that is put on Lambda, and how large it is. */
import { authorizerFunction, routes } from '../shared/contract.ts';
import type { FunctionOfRoute } from './constructs/api.ts';
import type { Size } from './constructs/service-function.ts';

/** The functions that messages and schedules call. */
const workers = [
  'query-clearpass',
  'abandon-queries',
  'wake-batch-queries',
  'watch-senders',
  'send-changes',
  'act-on-hosts',
  'forward-logs',
  'wake-connectors',
  'tend-endpoints',
  'erase-tenants',
] as const;

export type FunctionName = FunctionOfRoute | typeof authorizerFunction | (typeof workers)[number];

/** Every folder under `functions/` that this stack puts on Lambda. */
export const functionNames: readonly FunctionName[] = [
  authorizerFunction,
  ...new Set(Object.values(routes).map((route) => route.function)),
  ...workers,
];

/** API Gateway gives up after 29 s, so no function that it waits for is given more. */
export const sizes: Readonly<Record<FunctionName, Size>> = {
  // Reads one item. Every caller waits for it once a minute, and a failing one must fail long before its caller gives up.
  authorize: { memoryMegabytes: 512, timeoutSeconds: 5 },
  // Parses 2 MB and folds 28,000 entries on one thread: a whole processor, and no more, which it could not use.
  'post-entries': { memoryMegabytes: 1_769, timeoutSeconds: 29 },
  // A listing is 16 queries in parallel, decoded and sorted on one thread.
  'find-entries': { memoryMegabytes: 1_024, timeoutSeconds: 15 },
  // A thousand rows, each of all slots of its address, read in batches and written on one thread.
  'pull-forwarding-table': { memoryMegabytes: 1_024, timeoutSeconds: 15 },
  // One item, and the configuration that it is held to.
  'put-entry': { memoryMegabytes: 512, timeoutSeconds: 15 },
  // Looks through a whole table for traces of one user, as a listing does, and reads policies and stories beside it.
  'explain-entries': { memoryMegabytes: 1_024, timeoutSeconds: 25 },
  // A filter may end as many entries as a post brings.
  'delete-entries': { memoryMegabytes: 1_024, timeoutSeconds: 29 },
  // Traffic waits for it. It compiles up to 4 MB of policies when they change, and decides 100 flows on one thread.
  decide: { memoryMegabytes: 1_769, timeoutSeconds: 10 },
  // One page of one partition, held against one address.
  'find-sessions': { memoryMegabytes: 512, timeoutSeconds: 15 },
  // A few small items in one transaction.
  'close-session': { memoryMegabytes: 512, timeoutSeconds: 10 },
  // A few small items and a message.
  'query-users': { memoryMegabytes: 512, timeoutSeconds: 15 },
  // Waits for somebody else's server nearly all the time, and holds a configuration.
  'query-clearpass': { memoryMegabytes: 512, timeoutSeconds: 30 },
  // One small item and a message for each tenant that has JIMS asked, twenty tenants at once.
  'wake-batch-queries': { memoryMegabytes: 512, timeoutSeconds: 45 },
  // Three requests for each tenant within a minute: ten thousand tenants are twelve seconds of a whole processor.
  'tend-endpoints': { memoryMegabytes: 1_769, timeoutSeconds: 50 },
  // A page of small items for each tenant, twenty tenants at once.
  'watch-senders': { memoryMegabytes: 512, timeoutSeconds: 45 },
  // Looks through whole tables, a megabyte at a time, and removes what it finds; a minute later it goes on.
  'erase-tenants': { memoryMegabytes: 512, timeoutSeconds: 50 },
  // Ten messages, one small item each.
  'abandon-queries': { memoryMegabytes: 512, timeoutSeconds: 15 },
  // Pages of a few partitions, and some of them are read in vain.
  'find-receipts': { memoryMegabytes: 512, timeoutSeconds: 15 },
  // Looks through all endpoints, as a listing does.
  'find-active-users': { memoryMegabytes: 1_024, timeoutSeconds: 25 },
  // One small item, and a configuration where a realm is named.
  'log-in': { memoryMegabytes: 512, timeoutSeconds: 15 },
  // A file of 4 MB, read in pages that may pass over megabytes, and written on one thread.
  'find-events': { memoryMegabytes: 1_024, timeoutSeconds: 29 },
  // One small item; every fifteen seconds all endpoints that are held, of which a tenant may have ten thousand.
  'serve-feed': { memoryMegabytes: 1_024, timeoutSeconds: 25 },
  // Checks and compresses up to 4 MB of JSON, which is held several times over while it does; a commit check reads the table.
  configure: { memoryMegabytes: 1_024, timeoutSeconds: 20 },
  // A login waits for it: a few small items, and a password held against its hash takes a processor for a twentieth of a second.
  'serve-radius': { memoryMegabytes: 1_769, timeoutSeconds: 10 },
  // A few small items, of each of up to 200 lines one after the other; patterns of administrators run on one thread.
  'receive-threat-action': { memoryMegabytes: 1_024, timeoutSeconds: 29 },
  // Tells 2 MB of lines apart and reads those of a threat on one thread, and may have 200 of them act one after the other.
  'receive-threat-logs': { memoryMegabytes: 1_769, timeoutSeconds: 29 },
  // A thousand endpoints in one call, each a handful of small items and an event, took nine seconds of a whole processor and
  // 300 MB. What it has no time for is told, and done by a repeat.
  'manage-endpoints': { memoryMegabytes: 1_769, timeoutSeconds: 29 },
  // A thousand hosts are pushed at once, each with a handful of small items, eight at a time.
  'manage-hosts': { memoryMegabytes: 1_024, timeoutSeconds: 29 },
  // As configure: the whole configuration is read, checked and written for a list of it, and passwords are hashed.
  'set-up': { memoryMegabytes: 1_024, timeoutSeconds: 29 },
  // As set-up; and it waits for a worker that tries a draft.
  'manage-connectors': { memoryMegabytes: 1_024, timeoutSeconds: 29 },
  // A few small items and a call of API Gateway's own interface.
  'manage-tenants': { memoryMegabytes: 512, timeoutSeconds: 15 },
  // A page of 2.5 MB, found by looking through tables a megabyte at a time, or stored item by item.
  'move-tenants': { memoryMegabytes: 1_024, timeoutSeconds: 29 },
  // Waits for switches, three seconds for one that is silent, and holds a configuration.
  'send-changes': { memoryMegabytes: 256, timeoutSeconds: 30 },
  // Three requests for each tenant within a minute, twenty tenants at once, and configurations where they have changed.
  'wake-connectors': { memoryMegabytes: 1_769, timeoutSeconds: 50 },
  // Waits for systems of tenants, of which one may take twenty seconds, and may hold a feed of 50,000 hosts.
  'act-on-hosts': { memoryMegabytes: 1_024, timeoutSeconds: 55 },
  // Holds up to ten requests' lines, each of some megabytes, and sends them at the pace of their tenant: ten seconds. Not longer, as
  // the tenant's logs wait for six times that where a worker dies.
  'forward-logs': { memoryMegabytes: 512, timeoutSeconds: 30 },
  // Waits nearly all the time, and is paid for by memory and time; not less, or its first answer is slow.
  'hand-over-changes': { memoryMegabytes: 256, timeoutSeconds: 25 },
  // One read, so that it tells whether the tables answer. A health check that hangs is an answer too late.
  'tell-health': { memoryMegabytes: 256, timeoutSeconds: 5 },
  // Answers a text that it holds.
  'describe-api': { memoryMegabytes: 256, timeoutSeconds: 5 },
};
