/** What a source other than ClearPass tells of an address. */
import * as v from 'valibot';
import { minutes } from '../../shared/configuration/configuration-words.ts';
import { foldCase } from '../../shared/identity/fold-case.ts';
import { fits } from '../../shared/identity/observe-details.ts';
import { toldSources, type Word } from '../../shared/identity/tell-entry.ts';
import { closed, list, oneOf, readDocument, say, text } from '../../shared/json-schema.ts';
import { timestampMicros } from '../../shared/wire/clearpass/timestamp.ts';

/** As in a post: blanks around a text are not part of it, and one that is empty is absent. */
const trimmed = v.pipe(
  text(0, 4_096),
  v.transform((value) => value.trim()),
);
const optional = v.exactOptional(
  v.pipe(
    trimmed,
    v.transform((value) => (value === '' ? undefined : value)),
  ),
);

const named = (bytes: number) =>
  v.pipe(
    trimmed,
    v.check((value) => fits(foldCase(value), bytes), say('length', `Give at most ${bytes} bytes.`)),
  );
const user = v.pipe(
  named(255),
  v.check((value) => value !== '', say('length', 'Give at least one character that is not a blank.')),
);
const domain = named(253);
const instant = v.pipe(
  text(1, 64),
  v.check(
    (value) => timestampMicros(value) !== undefined,
    say('form', 'Give an instant like 2016-12-30T09:30:10Z, not before 1970.'),
  ),
);

/** Names that objects of the language have already: no attribute can be told by one of them. */
const reserved = ['__proto__', 'prototype', 'constructor'];
const attributes = v.pipe(
  v.unknown(),
  v.check(
    (value) => !reserved.some((name) => Object.hasOwn(Object(value) as object, name)),
    say('form', `No attribute can be called ${reserved.join(', ')}. Rename it.`),
  ),
  v.check((value) => !Array.isArray(value), say('type', 'Give an object of names and texts.')),
  v.record(text(1, 4_096), trimmed, say('type', 'Give an object of names and texts.')),
);

const device = closed({
  identity: optional,
  groups: v.optional(list(trimmed), []),
  category: optional,
  vendor: optional,
  model: optional,
  os: optional,
  osVersion: optional,
  custom: v.optional(attributes, {}),
});

const source = oneOf(toldSources);

const logon = closed({
  operation: v.exactOptional(oneOf(['logon'])),
  source,
  user,
  domain: v.exactOptional(domain),
  groups: v.optional(list(trimmed), []),
  posture: optional,
  device: v.exactOptional(device),
  timeoutMinutes: v.exactOptional(minutes),
  instant: v.exactOptional(instant),
});

/** Without a user it means whoever is there, without a domain that user in any. */
const logoff = closed({
  operation: oneOf(['logoff']),
  source,
  user: v.exactOptional(user),
  domain: v.exactOptional(domain),
  instant: v.exactOptional(instant),
});

/** Either, for the description; a document is held to the one that its operation says. */
export const word = v.union([logon, logoff]);

/** Throws `body-invalid`. */
export function readWord(document: unknown): Word {
  if (operationIn(document) === 'logoff') {
    const told = readDocument(logoff, document, 'body-invalid');
    return { origin: told.source, operation: 'logoff', ...whoAndWhen(told), roles: [] };
  }
  const told = readDocument(logon, document, 'body-invalid');
  const { posture, timeoutMinutes } = told;
  return {
    origin: told.source,
    operation: 'logon',
    ...whoAndWhen(told),
    roles: told.groups.filter(isSaid),
    ...(posture !== undefined && { posture }),
    ...(told.device && { device: deviceIn(told.device) }),
    ...(timeoutMinutes !== undefined && { timeoutMinutes }),
  };
}

const operationIn = (document: unknown) => (document as { operation?: unknown } | null)?.operation;

interface WhoAndWhen {
  readonly user?: string;
  readonly domain?: string;
  readonly instant?: string;
}

const whoAndWhen = ({ user: name, domain: of = '', instant: timestamp }: WhoAndWhen) => ({
  ...(name !== undefined && { user: name }),
  ...(of !== '' && { domain: of }),
  ...(timestamp !== undefined && { timestamp }),
});

const isSaid = (value: string) => value !== '';

function deviceIn({ groups, custom, ...texts }: v.InferOutput<typeof device>): NonNullable<Word['device']> {
  const said = Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined));
  return {
    ...said,
    groups: groups.filter(isSaid),
    custom: Object.entries(custom).filter(([, value]) => isSaid(value)),
  };
}
