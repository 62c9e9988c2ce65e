/** Addresses that devices give themselves while they have none: 169.254/16 and fe80::/10. They lead to no endpoint. */
import type { IpAddress } from '../identity/address.ts';

export const isSelfGiven = (ip: IpAddress): boolean => /^169\.254\.|^fe[89ab][\da-f]:/.test(ip);
