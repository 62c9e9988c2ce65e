import type { Place } from './posted-entry.ts';

export type MalformedPostCode =
  'xml-malformed' | 'xml-not-utf8' | 'xml-doctype' | 'xml-entity' | 'xml-wrong-root' | 'xml-too-deep' | 'post-empty';

/** The post is refused whole, and the same bytes will be refused again. `message` says how to mend them. */
export class MalformedPostError extends Error {
  readonly code: MalformedPostCode;
  readonly line: number;
  readonly column: number;

  constructor(code: MalformedPostCode, message: string, { line, column }: Place) {
    super(message);
    this.code = code;
    this.line = line;
    this.column = column;
  }

  override get name() {
    return this.code;
  }
}
