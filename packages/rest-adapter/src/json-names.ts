/**
 * Whether the object that this valid JSON text is names a field twice. RFC 8259 section 4 leaves open which value
 * counts then, and a gateway on the way may think otherwise than we do.
 */
export function repeatsName(text: string): boolean {
  const names = new Set<string>();
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}[\]]/g)) {
    if (token === "{" || token === "[") depth += 1;
    else if (token === "}" || token === "]") depth -= 1;
    else if (depth === 1 && token.endsWith(":")) {
      const name = String(JSON.parse(token.slice(0, -1)));
      if (names.has(name)) return true;
      names.add(name);
    }
  }
  return false;
}
