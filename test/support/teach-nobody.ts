import type { Teach } from '../../shared/endpoints/taught-addresses.ts';

/** For tenants without endpoints. */
export const teachNobody: Teach = async () => Promise.resolve();
