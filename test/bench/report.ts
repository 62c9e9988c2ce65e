/** What the bench prints: one line a comparison, ours beside the plain stack's, and whether the aim was met. */

export interface Line {
  readonly what: string;
  readonly ours: number;
  readonly plain: number;
  readonly unit: 'ms' | 'kB' | '';
  readonly aim?: Aim;
}

export type Aim = { readonly timesLess: number } | { readonly partAtMost: number } | { readonly none: true };

export function printTable(title: string, lines: readonly Line[]) {
  const rows = lines.map((line) => [
    line.what,
    figure(line.ours, line),
    figure(line.plain, line),
    ratioOf(line),
    aimOf(line),
  ]);
  const table = [['', 'ours', 'plain', 'ratio', ''], ...rows];
  const widths = ['', '', '', '', ''].map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const text = table.map((row) =>
    row
      .map((cell, column) => (column % 4 === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  console.log(`\n${title}\n\n${text.join('\n')}`);
}

const figure = (value: number, { unit }: Line) =>
  `${value.toLocaleString('en', { maximumFractionDigits: value < 100 && unit !== '' ? 1 : 0 })} ${unit}`.trimEnd();

function ratioOf({ ours, plain, aim }: Line): string {
  if (aim !== undefined && 'partAtMost' in aim) return (ours / plain).toFixed(2);
  if (plain === 0) return '';
  if (ours === 0) return 'none';
  return `${(plain / ours).toFixed(1)} x less`;
}

function aimOf({ ours, plain, aim }: Line): string {
  if (aim === undefined) return '';
  if ('none' in aim) return told('aim 0', ours === 0);
  if ('partAtMost' in aim) return told(`aim at most ${aim.partAtMost}`, ours / plain <= aim.partAtMost);
  return told(`aim ${aim.timesLess} x less`, plain / ours >= aim.timesLess);
}

const told = (aim: string, met: boolean) => `${aim}: ${met ? 'met' : 'MISSED'}`;
