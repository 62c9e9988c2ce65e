import { ServiceError } from '../../shared/service-error.ts';

const hourMs = 60 * 60_000;

/** The begin of the hour since when counts are wanted, epoch milliseconds. Throws `parameter-invalid`. */
export function hoursIn(text: string | undefined, now: number): number {
  const hours = Number(text ?? 24);
  if ((text !== undefined && !/^\d{1,2}$/.test(text)) || hours < 1 || hours > 48) {
    throw new ServiceError('parameter-invalid', '"hours" is a whole number from 1 to 48.');
  }
  return Math.floor(now / hourMs) * hourMs - (hours - 1) * hourMs;
}
