import * as v from 'valibot';
import {
  type Answered,
  type Api,
  count,
  ifMatch,
  instant,
  listOf,
  pageParameters,
  type Parameter,
  word,
} from '../../shared/api/operation.ts';
import { checked, checkOnly, message } from '../../shared/api/change.ts';
import { configurationSchema } from '../../shared/configuration/configuration-schema.ts';

const says = 'The configuration, complete; of each secret only whether there is one.';

/** What is shown can be sent back as it is, so the schema of what is sent holds it, too. */
const shown: Answered = { says, schema: configurationSchema, headers: ['ETag'] };

const version: Parameter = {
  says: 'The number of a version, or the version as its ETag tells it.',
  schema: v.string(),
  example: '7',
};

const versionView = v.strictObject({
  number: count,
  version: v.string(),
  changedAt: instant,
  credential: v.strictObject({ id: v.string(), name: v.string() }),
  message: v.nullable(v.string()),
  /** The number of the version whose content it is again. */
  restored: v.nullable(count),
});

const difference = v.strictObject({
  change: word(['added', 'removed', 'changed', 'moved']),
  pointer: v.string(),
  name: v.exactOptional(v.string()),
  before: v.exactOptional(v.unknown()),
  after: v.exactOptional(v.unknown()),
});

export const api: Api<'configure'> = {
  'GET /v1/configuration': {
    summary: 'What is set',
    query: {},
    answers: { 200: shown },
    errors: [],
  },
  'PUT /v1/configuration': {
    summary: 'Replace all that is set, or ask what that would do',
    description:
      'What is left out takes its default; a client secret that is left out stays as it is, for the host that it was given for. With `check=only` nothing is stored, and the answer tells all that is wrong, which names are ambiguous, and how many entries would see their interested groups change.',
    query: {
      check: checkOnly,
      message,
    },
    headers: { 'If-Match': ifMatch },
    body: {
      says: 'The whole configuration, at most 4 MB.',
      schema: configurationSchema,
      needed: 'required',
      example: { clearpass: { entryTimeout: 60 }, defaultPolicy: 'deny' },
    },
    answers: {
      200: {
        says: `${says} With \`check=only\` what the check found, and no ETag.`,
        schema: v.union([configurationSchema, checked]),
        headers: ['ETag'],
      },
    },
    errors: ['configuration-invalid'],
  },
  'GET /v1/configuration/versions': {
    summary: 'The versions that are kept, newest first',
    description: 'The newest 50, with their secrets. What is older is removed.',
    query: pageParameters,
    answers: { 200: { says: 'A page of versions.', schema: listOf(versionView) } },
    errors: [],
  },
  'GET /v1/configuration/versions/{version}': {
    summary: 'What was set',
    path: { version },
    query: {},
    answers: { 200: shown },
    errors: ['version-absent'],
  },
  'GET /v1/configuration/versions/{version}/diff': {
    summary: 'What differs from another version',
    description:
      'Policies and applications are known by their names, other items of lists by their values. Pointers lead into this version, those of what was removed into the other. Of a secret neither `before` nor `after` is told; of what was moved both are its places.',
    path: { version },
    query: {
      against: {
        says: 'The other version; `none` is the defaults. Left out: the one that this one was made from.',
        schema: v.optional(v.string()),
        example: '6',
      },
      ...pageParameters,
    },
    answers: {
      200: {
        says: 'A page of differences; `against` is null where they are from the defaults.',
        schema: v.strictObject({
          version: count,
          against: v.nullable(count),
          items: v.array(difference),
          next: v.nullable(v.string()),
        }),
      },
    },
    errors: ['version-absent'],
  },
  'POST /v1/configuration/versions/{version}/restore': {
    summary: 'Make a new version of what this one held, its secrets too',
    description: 'It passes the same check as any document. Nothing is restored where a secret of it has been erased.',
    path: { version },
    query: { message },
    headers: { 'If-Match': ifMatch },
    answers: { 200: shown },
    errors: ['version-absent', 'configuration-invalid'],
  },
};
