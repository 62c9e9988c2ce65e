/** A packet as rlm_rest sends it: any attributes, each with its values. */
import * as v from 'valibot';
import { type HttpRequest, readJson } from '../../shared/edge/http.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { closed, list, readDocument, say } from '../../shared/json-schema.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { readAttributes, type RadiusAttributes } from '../../shared/wire/radius/rest.ts';

/** A packet has 4 kB at most; in JSON, and with what a site adds to it, many times that. */
const mostBytes = 262_144;

const scalar = v.union(
  [v.pipe(v.string(), v.maxLength(4_096, say('length', 'Give at most 4096 characters.'))), v.number(), v.boolean()],
  say('type', 'Give a text of at most 4096 characters, or a number.'),
);
const attribute = closed({
  attr_num: v.exactOptional(v.number(say('type', 'Give a number.'))),
  type: v.exactOptional(v.string(say('type', 'Give text, in quotes.'))),
  value: v.union([list(scalar, { most: 200 }), scalar], say('type', 'Give a list of at most 200 texts or numbers.')),
});

/** Names that objects of the language have already: no dictionary has them. */
const reserved = ['__proto__', 'prototype', 'constructor'];
const mostAttributes = 400;

export const packet = v.pipe(
  v.unknown(),
  v.check(
    (value) => !reserved.some((name) => Object.hasOwn(Object(value) as object, name)),
    say('form', `No attribute can be called ${reserved.join(', ')}. Leave it out.`),
  ),
  v.check(
    (value) => Object.keys(Object(value) as object).length <= mostAttributes,
    say('count', `Give at most ${mostAttributes} attributes.`),
  ),
  v.check((value) => !Array.isArray(value), say('type', 'Give an object with a member an attribute.')),
  v.record(v.string(), attribute, say('type', 'Give an object with a member an attribute.')),
);

/** Throws `parameter-unknown`, `body-too-large`, `json-invalid`, `body-invalid`. */
export function packetIn(request: HttpRequest): RadiusAttributes {
  readQuery(request, []);
  const { length } = request.body;
  if (length > mostBytes) {
    throw new ServiceError('body-too-large', `The body has ${length} bytes; ${mostBytes} are taken. Send one packet.`);
  }
  return readAttributes(readDocument(packet, readJson(request), 'body-invalid'));
}
