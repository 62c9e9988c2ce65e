import type { variables } from '../contract.ts';

/** A variable that infra sets for this function. Missing, it is a fault of the deployment, and told by its name. */
export function required(name: (typeof variables)[keyof typeof variables]): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`The environment variable ${name} is not set.`);
  return value;
}
