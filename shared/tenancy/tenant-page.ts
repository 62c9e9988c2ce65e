/**
 * What a tenant owns, written down page by page: a line of JSON for the page, one for each item, and one that ends it, so
 * that a page that was cut off is known for one. Nothing in it opens anything by itself: of credentials there are digests,
 * and secrets are as KMS has encrypted them.
 */
import * as v from 'valibot';
import { ServiceError, type Violation } from '../service-error.ts';
import { notTaken } from './importable.ts';
import { isItem } from './item-form.ts';
import { mostOfLimits } from './limits.ts';
import { type Item, tableNames, type TableName } from './owned-items.ts';
import type { Tenant, TenantId } from './tenant.ts';

export interface PageHead {
  readonly tenant: Pick<Tenant, 'id' | 'name' | 'createdAt' | 'limits'>;
  /** Of the export that the page is a part of. */
  readonly exportId: string;
  readonly exportedAt: number;
  /** Which one it is, counted from 1. */
  readonly page: number;
  /** Of the key that the tenant's secrets are encrypted with. */
  readonly secretsKey: string;
}

export interface OwnedItem {
  readonly table: TableName;
  readonly item: Item;
}

export interface TenantPage extends PageHead {
  /** By their lines, counted from 1. */
  readonly items: ReadonlyMap<number, OwnedItem>;
  readonly follows: 'another' | 'nothing';
}

const format = 'postern-tenant-1';

const iso = (at: number) => new Date(at).toISOString();

export function writtenPage(head: PageHead, items: readonly OwnedItem[], follows: TenantPage['follows']): string {
  const { tenant, exportId, exportedAt, page, secretsKey } = head;
  const first = {
    format,
    tenant: { ...tenant, createdAt: iso(tenant.createdAt) },
    export: { id: exportId, exportedAt: iso(exportedAt) },
    page,
    secretsKey,
  };
  const last = { items: items.length, follows };
  return [first, ...items, last].map((line) => `${JSON.stringify(line)}\n`).join('');
}

const limit = (name: keyof typeof mostOfLimits) =>
  v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(mostOfLimits[name])));
const instant = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.transform((text) => Date.parse(text)),
);
const headLine = v.strictObject({
  format: v.literal(format),
  tenant: v.strictObject({
    id: v.string(),
    name: v.pipe(v.string(), v.maxLength(64)),
    createdAt: instant,
    limits: v.exactOptional(
      v.strictObject({
        postsPerMinute: limit('postsPerMinute'),
        openQuestions: limit('openQuestions'),
        entries: limit('entries'),
      }),
    ),
  }),
  export: v.strictObject({ id: v.pipe(v.string(), v.minLength(1), v.maxLength(128)), exportedAt: instant }),
  page: v.pipe(v.number(), v.integer(), v.minValue(1)),
  secretsKey: v.pipe(v.string(), v.maxLength(2_048)),
});
const itemLine = v.strictObject({ table: v.picklist(tableNames), item: v.custom<Item>(isItem) });
const endLine = v.strictObject({
  items: v.pipe(v.number(), v.integer(), v.minValue(0)),
  follows: v.picklist(['another', 'nothing']),
});

/** So many bad lines are told of. */
const mostTold = 100;

/** A page of this tenant's. Throws `import-invalid`, with every line that is wrong; then nothing of it may be stored. */
export function readPage(tenant: TenantId, bytes: Uint8Array): TenantPage {
  const lines = linesIn(bytes);
  const wrong: Violation[] = [];
  const read = <Output>(number: number, schema: v.GenericSchema<unknown, Output>, mend: string): Output | undefined => {
    const { success, output } = v.safeParse(schema, parsed(lines[number - 1] ?? ''));
    if (success) return output;
    wrong.push(badLine(number, mend));
    return undefined;
  };

  const head = read(1, headLine, `The first line of a page says {"format":"${format}","tenant":…}. Send a page whole.`);
  const end = read(
    lines.length,
    endLine,
    'The last line of a page says {"items":…,"follows":…}. This one was cut off.',
  );
  if (head && head.tenant.id !== tenant) {
    wrong.push(badLine(1, `The page is of "${head.tenant.id.slice(0, 64)}". Only that tenant can be made of it.`));
  }
  const items = new Map<number, OwnedItem>();
  for (let number = 2; number < lines.length; number += 1) {
    const line = read(number, itemLine, 'A line is {"table":…,"item":{…}}, with attributes as DynamoDB writes them.');
    if (line === undefined) continue;
    const reason = notTaken(tenant, line.table, line.item);
    if (reason === undefined) items.set(number, line);
    else wrong.push(badLine(number, `${reason} Send what was exported, as it was.`));
  }
  if (end && end.items !== lines.length - 2) {
    wrong.push(
      badLine(lines.length, `It tells of ${end.items} items, and there are ${lines.length - 2}. Lines were lost.`),
    );
  }
  if (head === undefined || end === undefined || wrong.length > 0) throw invalid(wrong);
  const { export: of, page, secretsKey } = head;
  const { limits, ...named } = head.tenant;
  return {
    tenant: { ...named, id: tenant, ...(limits && { limits }) },
    exportId: of.id,
    exportedAt: of.exportedAt,
    page,
    secretsKey,
    items,
    follows: end.follows,
  };
}

function linesIn(bytes: Uint8Array): readonly string[] {
  try {
    const lines = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).split('\n');
    return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  } catch {
    throw new ServiceError('import-invalid', 'The page is not UTF-8. Send the bytes that were exported.');
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** What stands in a line is not repeated: it may be anybody's. */
const badLine = (number: number, mend: string): Violation => ({
  pointer: `/${number}`,
  rule: 'form',
  message: `Line ${number} cannot be taken.`,
  mend,
});

function invalid(wrong: readonly Violation[]): ServiceError {
  const [first] = wrong;
  return new ServiceError(
    'import-invalid',
    `${wrong.length === 1 ? 'One line is' : `${wrong.length} lines are`} wrong, and nothing of the page was stored. The first: ${first?.message ?? ''} ${first?.mend ?? ''}`,
    {
      violations: wrong.slice(0, mostTold),
      ...(wrong.length > mostTold && { violationsLeftOut: wrong.length - mostTold }),
    },
  );
}
