import type { Measure, Measured } from '../../shared/journal/measure.ts';
import type { TenantId } from '../../shared/tenancy/tenant.ts';

/** Measures into a list; `measured` is for tests to look at. */
export function fakeMeasure() {
  const measured: { readonly tenant: TenantId; readonly measured: Measured; readonly about?: object }[] = [];
  const measure: Measure = (tenant, _, told, about) => {
    measured.push({ tenant, measured: told, ...(about && { about }) });
  };
  return { measure, measured };
}

export const measureNothing: Measure = () => undefined;
