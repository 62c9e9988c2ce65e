import * as v from 'valibot';
import { type Api, count, postCounts, remark } from '../../shared/api/operation.ts';

export const api: Api<'post-entries'> = {
  'POST /api/userfw/v1/post-entry': {
    summary: 'ClearPass and its like tell who logged on and off, in XML',
    description:
      "The path, the names and the limits are the vendor's. `Content-Type` and the query are never looked at. Errors hold the members of this answer, too, and come as XML where `Accept` asks for it.",
    body: {
      says: 'A document `userfw-entries` in UTF-8, at most 2 MB.',
      type: 'application/xml',
      needed: 'required',
      example:
        '<userfw-entries><userfw-entry><source>Aruba ClearPass</source><operation>logon</operation><IP>192.0.2.50</IP><domain>acme</domain><user>alice</user></userfw-entry></userfw-entries>',
    },
    answers: {
      200: {
        says: 'At least one entry was taken. As XML where `Accept` asks for it.',
        type: ['application/json', 'application/xml'],
        schema: v.strictObject({
          receipt: v.string(),
          ...postCounts,
          remarks: v.array(remark),
          remarksLeftOut: count,
        }),
      },
    },
    errors: [
      'xml-malformed',
      'xml-not-utf8',
      'xml-doctype',
      'xml-entity',
      'xml-wrong-root',
      'xml-too-deep',
      'post-empty',
      'no-entry-stored',
      'client-refused',
      'tenant-limit',
    ],
  },
};
