/** What grants are made of, for every stack with functions: which partition keys may be named, and which calls go together. */
import { providerTenant } from '../shared/contract.ts';

/** Forms of the partition keys of the tenants table: what a tenant owns, what only the authorizer may read, and pins. */
export const ofTenants = ['T#*'];
export const ofCredentials = ['CREDENTIAL#*'];
export const ofServers = ['SERVER#*'];
/** The provider's own, with the list of tenants. */
export const ofProvider = [`T#${providerTenant}`];
/** Of the journal: the answers that are given again to who repeats a request that acts. */
export const ofAttempts = ['T#*#IDEMPOTENCY#*'];
/** The debug log, and the switch that turns it on. */
export const ofDebugLogs = ['T#*#DEBUG*'];
/** How connectors are, and drafts of them that are tried, beside the endpoints. */
export const ofConnectors = ['T#*#CONNECTORS', 'T#*#CONNECTOR-TESTS'];
/** The feed for firewalls, beside the endpoints. */
export const ofFeedsOut = ['T#*#FEED-OUT'];
/** How far what is done for all tenants has come. */
export const ofRounds = [`T#${providerTenant}#ROUNDS`];
/** How feeds are. */
export const ofFeeds = ['T#*#FEEDS'];
/** What becomes of threat logs. */
export const ofThreatLogs = ['T#*#THREATLOGS'];
/** When each source was heard. */
export const ofSources = ['T#*#SOURCES'];

/** What reads and writes many entries in one request. */
export const inBatches = ['BatchGetItem', 'PartiQLUpdate', 'PartiQLInsert'];
/** What changes an entry, and counts the open questions beside it. */
export const settling = ['GetItem', 'PutItem', 'UpdateItem'];
/** What reads an endpoint, and replaces it with its places. */
export const advancing = ['GetItem', 'BatchGetItem', 'PutItem', 'DeleteItem'];
/** What finds endpoints with changes of authorization, advances them, and takes those that have none left from the list. */
export const changing = ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'DeleteItem'];
/** What tells a line of a story. */
export const telling = ['BatchWriteItem'];
/** A server's cell, written by whoever names the server first. */
export const pinning = ['GetItem', 'PutItem'];

/** Who may be at an address, and whether any of them is held. */
export const holdsOfAddresses = ['GetItem', 'BatchGetItem', 'Query'];
