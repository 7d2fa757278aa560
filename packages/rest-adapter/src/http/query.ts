import { createHttpProblem, type Problem, type ProblemIssue } from "./problem.ts";

/** A query parameter: `parse` returns `undefined` for an invalid value; `code` and `detail` describe the valid ones. */
export interface QueryParameter<Value = unknown> {
  readonly parse: (text: string) => Value | undefined;
  readonly code: string;
  readonly detail: string;
}

export type QueryParameters = Readonly<Record<string, QueryParameter>>;

export type QueryValues<Parameters extends QueryParameters> = {
  readonly [Name in keyof Parameters]?: Parameters[Name] extends QueryParameter<infer Value> ? Value : never;
};

/**
 * Parses the query of a URL. Each parameter occurs at most once, and no other parameter occurs. `+` is a literal plus
 * sign (RFC 3986), as in an email, and not a space.
 *
 * @throws Problem `invalid-query`, with one error per invalid parameter
 */
export function parseQuery<Parameters extends QueryParameters>(
  url: string,
  parameters: Parameters,
): QueryValues<Parameters> {
  const values: Record<string, unknown> = {};
  const errors: ProblemIssue[] = [];
  for (const [parameter, texts] of groupByName(url)) {
    const rule = Object.hasOwn(parameters, parameter) ? parameters[parameter] : undefined;
    const [text] = texts;
    if (!rule) {
      errors.push({ parameter, code: "unknown-parameter", detail: "is not a parameter of this request" });
    } else if (texts.length > 1) {
      errors.push({ parameter, code: "repeated-parameter", detail: "must not be repeated" });
    } else {
      values[parameter] = text === undefined ? undefined : rule.parse(text);
      if (values[parameter] === undefined) errors.push({ parameter, code: rule.code, detail: rule.detail });
    }
  }
  if (errors.length > 0) throw createInvalidQuery(errors);
  return values as QueryValues<Parameters>;
}

/** Reports whether the query of a URL contains a parameter, even if its value is invalid. */
export function hasParameter(url: string, name: string): boolean {
  return groupByName(url).has(name);
}

export function createInvalidQuery(errors: readonly ProblemIssue[]): Problem {
  return createHttpProblem("invalid-query", { detail: countInvalid(errors.length, "parameter"), errors });
}

export function countInvalid(count: number, noun: string): string {
  return count === 1 ? `1 ${noun} is invalid` : `${count} ${noun}s are invalid`;
}

/** Returns the decoded values by parameter name; `undefined` for a value whose percent-encoding is invalid. */
function groupByName(url: string): Map<string, (string | undefined)[]> {
  const values = new Map<string, (string | undefined)[]>();
  const start = url.indexOf("?");
  if (start < 0) return values;
  for (const pair of url.slice(start + 1).split("&")) {
    if (pair === "") continue;
    const separator = pair.indexOf("=");
    const encodedName = separator < 0 ? pair : pair.slice(0, separator);
    const name = decode(encodedName) ?? encodedName;
    const value = separator < 0 ? "" : decode(pair.slice(separator + 1));
    const earlier = values.get(name);
    if (earlier) earlier.push(value);
    else values.set(name, [value]);
  }
  return values;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
