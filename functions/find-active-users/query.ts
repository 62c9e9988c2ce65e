/** Which of the active users are wanted, as the vendor's clients ask. */
import { readLimit } from '../../shared/edge/query.ts';
import { ServiceError } from '../../shared/service-error.ts';

/** As many as the vendor tells where nothing is said. */
const numberUnlessTold = 200;

/** Throws `parameter-invalid`. */
export function searchIn({ name, number, start }: { name?: string; number?: string; start?: string }) {
  if (name === '') throw new ServiceError('parameter-invalid', '"name" is empty. Leave it out to mean every user.');
  return { number: numberIn(number), start: startIn(start), ...(name !== undefined && { name }) };
}

function numberIn(number: string | undefined): number {
  try {
    return readLimit(number, numberUnlessTold);
  } catch {
    throw new ServiceError('parameter-invalid', '"number" is a whole number from 1 to 1000.');
  }
}

function startIn(start = '0'): number {
  if (/^\d{1,9}$/.test(start)) return Number(start);
  throw new ServiceError('parameter-invalid', '"start" is how many are passed over: a whole number from 0 on.');
}
