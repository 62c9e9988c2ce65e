/** An entry as it was posted: texts, trimmed and otherwise as they came. What is empty is absent. */
export interface PostedEntry extends Place {
  readonly operation?: string;
  readonly ip?: string;
  readonly domain?: string;
  readonly user?: string;
  readonly source?: string;
  readonly timestamp?: string;
  readonly roles: readonly string[];
  readonly posture?: string;
  readonly device?: PostedDevice;
  /** What refuses the entry, the first of it; the other entries of the post are not touched by it. */
  readonly fault?: Finding;
  /** What was left out of the entry, each kind once. */
  readonly notes: readonly Finding[];
}

export interface PostedDevice {
  readonly identity?: string;
  readonly groups: readonly string[];
  readonly category?: string;
  readonly vendor?: string;
  readonly model?: string;
  readonly os?: string;
  readonly osVersion?: string;
  /** Any other element under `end-user-attribute`: its name as it was written, and its text. */
  readonly custom: readonly (readonly [name: string, text: string])[];
}

export interface Finding extends Place {
  readonly code: 'field-repeated' | 'field-not-text' | 'element-unknown';
  /** What is wrong and how to mend it. */
  readonly message: string;
}

/** Where something begins in a post, counted from 1. A column counts UTF-16 units, as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}
