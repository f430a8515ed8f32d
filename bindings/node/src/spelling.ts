/** Names of the C interface, `turn_timeout_ms`, and of JavaScript, `turnTimeoutMs`. */

/** Events bring the same few names again and again. */
const spelled = new Map<string, string>();

/** Bounds the memory that names nobody knows could take. */
const MOST = 1000;

export function camelCase(name: string): string {
  const known = spelled.get(name);
  if (known !== undefined) return known;
  const camel = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  if (spelled.size < MOST) spelled.set(name, camel);
  return camel;
}

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The same object with its names, on this level alone, in camel case. */
export function camelKeys(given: object): Record<string, unknown> {
  const respelled: Record<string, unknown> = {};
  for (const name in given) respelled[camelCase(name)] = given[name as keyof typeof given];
  return respelled;
}
