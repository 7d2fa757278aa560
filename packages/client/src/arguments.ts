// What would be lost on its way is refused: without it a request asks for something else.

/** @throws TypeError for what a URL cannot carry */
export function textOf(name: string, value: unknown): string {
  if (typeof value === "string" && value !== "" && value.isWellFormed()) return value;
  throw new TypeError(`${name} must be a string of well-formed Unicode that is not empty`);
}

/** @throws TypeError for what cannot be a segment of a path */
export function pathOf(user_id: string): { user_id: string } {
  if (user_id === "." || user_id === "..") throw new TypeError(`user_id cannot be "${user_id}"`);
  return { user_id: textOf("user_id", user_id) };
}

/** @throws TypeError for what is no key and no entity tag of this API */
export function headerOf(name: string, value: unknown): string {
  if (typeof value === "string" && /^ *[!-~][ -~]*$/.test(value)) return value;
  throw new TypeError(`${name} must be a string of printable ASCII that is not empty`);
}

/** @throws TypeError when there is an `ifMatch` that is none, also an `undefined` one */
export function preconditionOf(options: { readonly ifMatch?: string }): { "If-Match"?: string } {
  return "ifMatch" in options ? { "If-Match": headerOf("ifMatch", options.ifMatch) } : {};
}
