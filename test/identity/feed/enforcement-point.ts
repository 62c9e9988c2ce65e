/** An enforcement point: it keeps the rows that it was told, and lets them expire by itself. */
import type { ForwardingCursor } from '../../../shared/identity/forwarding-cursor.ts';
import type { ForwardingRow, Standing } from '../../../shared/identity/forwarding-row.ts';
import type { Pulled } from '../../../shared/identity/pull-forwarding-table.ts';
import type { ForwardingTable } from './definition.ts';

export interface EnforcementPoint {
  readonly cursor: () => ForwardingCursor | undefined;
  readonly hear: (pulled: Pulled) => void;
  /** The table as it stands there at this time. */
  readonly tableAt: (now: number) => ForwardingTable;
}

export function enforcementPoint(): EnforcementPoint {
  const rows = new Map<string, ForwardingRow>();
  let cursor: ForwardingCursor | undefined;
  return {
    cursor: () => cursor,
    hear(pulled) {
      if (pulled.full === 'yes') rows.clear();
      for (const row of pulled.rows) rows.set(row.ip, row);
      for (const ip of pulled.removed) rows.delete(ip);
      ({ cursor } = pulled);
    },
    tableAt(now) {
      const table = new Map<string, Standing>();
      for (const { ip, then, ...first } of rows.values()) {
        const standing = [first, ...then].find(({ expiresAt }) => expiresAt > now);
        if (standing) table.set(ip, standing);
      }
      return table;
    },
  };
}
