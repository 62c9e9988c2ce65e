import { MalformedPostError, type MalformedPostCode } from './malformed-post-error.ts';
import { placesIn } from './places.ts';
import type { Finding, PostedDevice, PostedEntry } from './posted-entry.ts';

type Draft<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer Item)[] ? Item[] : T[K] };
export type DeviceDraft = Draft<PostedDevice>;
export type EntryDraft = Draft<Omit<PostedEntry, 'device'>> & { device?: DeviceDraft };

/** A post as far as it was read. Whatever it says, it says of the element that was opened last. */
export class PostDraft {
  readonly entries: EntryDraft[] = [];
  /** The end of the tag that was opened last. */
  openedAt = 0;
  readonly #text: string;
  readonly #placeAt: (offset: number) => { line: number; column: number };

  constructor(text: string) {
    this.#text = text;
    this.#placeAt = placesIn(text);
  }

  get entry(): EntryDraft {
    const entry = this.entries.at(-1);
    if (entry === undefined) throw new Error('No entry has begun.');
    return entry;
  }

  get device(): DeviceDraft {
    return (this.entry.device ??= { groups: [], custom: [] });
  }

  begin(): void {
    this.entries.push({ ...this.#place(), roles: [], notes: [] });
  }

  /** Refuses the entry; the first reason stands. */
  refuse(code: Finding['code'], message: string): void {
    this.entry.fault ??= { code, message, ...this.#place() };
  }

  /** Tells that something was left out: each kind once an entry, so that a hostile entry stays cheap. */
  tell(code: Finding['code'], message: string): void {
    if (this.entry.notes.every((note) => note.code !== code)) {
      this.entry.notes.push({ code, message, ...this.#place() });
    }
  }

  /** Refuses the post. */
  fail(code: MalformedPostCode, message: string): never {
    throw new MalformedPostError(code, message, this.#place());
  }

  #place() {
    // No attribute can hold a "<", so the last one before the end of a tag is its beginning.
    return this.#placeAt(this.#text.lastIndexOf('<', this.openedAt - 1));
  }
}
