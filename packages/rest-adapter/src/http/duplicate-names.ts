/**
 * Reports whether an object of a JSON text contains a member name twice. RFC 8259 section 4 leaves the meaning open: an
 * intermediary may use the value that `JSON.parse` drops.
 *
 * @param text a valid JSON text
 * @param value its parsed value
 */
export function hasDuplicateName(text: string, value: unknown): boolean {
  return countNames(text) > countMembers(value);
}

/** Returns the number of names of members in a valid JSON text, repeated ones included: the colons outside of strings. */
function countNames(text: string): number {
  let count = 0;
  let isString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') isString = !isString;
    else if (isString) index += character === "\\" ? 1 : 0;
    else if (character === ":") count += 1;
  }
  return count;
}

/** Returns the number of members of all objects in a value. It does not recurse, because a value may be nested deeply. */
function countMembers(value: unknown): number {
  const pending = [value];
  let count = 0;
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== "object" || next === null) continue;
    const children = Object.values(next);
    if (!Array.isArray(next)) count += children.length;
    for (const child of children) if (typeof child === "object") pending.push(child);
  }
  return count;
}
