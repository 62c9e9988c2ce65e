import { holderId, provider, tenantId } from '../../shared/tenancy/tenant.ts';
import { codeOf } from '../support/errors.ts';

test.each(['a', '0', 'acme', 'a-b-', '0'.repeat(32)])('%j is the id of a tenant', (text) => {
  expect(tenantId(text)).toBe(text);
});

test.each(['', '-a', 'A', 'a_b', 'a#b', 'a b', 'ä', 'a'.repeat(33), 'a\n', '_provider'])('%j is none', (text) => {
  expect(codeOf(() => tenantId(text))).toBe('parameter-invalid');
});

test('the provider has credentials like a tenant, and no tenant can be called so', () => {
  expect(holderId('_provider')).toBe(provider);
  expect(holderId('acme')).toBe('acme');
  expect(codeOf(() => holderId('_other'))).toBe('parameter-invalid');
});
