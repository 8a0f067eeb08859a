import type { JsonObject } from './record.ts';
import { isSecretName } from './secret-name.ts';

/** Members of an entry of a list that say what the entry is called, and those that hold what it is worth. */
const NAMES = ['name', 'key', 'header', 'field', 'parameter', 'property', 'attribute', 'id'];
const VALUE = /^(?:default)?(?:values?|val|content|data|text)$/i;

/**
 * Whether what stands there is a secret: by its own name, or by that of its entry, as in
 * {"name": "Authorization", "value": "Basic …"}.
 */
export function isSecretMember(object: JsonObject, name: string): boolean {
  return isSecretName(name) || (VALUE.test(name) && namesSecret(object));
}

function namesSecret(object: JsonObject): boolean {
  return Object.entries(object).some(
    ([name, value]) => typeof value === 'string' && NAMES.includes(name.toLowerCase()) && isSecretName(value),
  );
}
