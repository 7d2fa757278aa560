import type { AppContext } from "./exchange.ts";
import { invalidQuery, type ProblemDetail } from "./problem.ts";

/** How a parameter is read: `parse` answers `undefined` for what it refuses, and the rest says why. */
export interface Parameter<Value> {
  readonly parse: (text: string) => Value | undefined;
  readonly code: string;
  readonly detail: string;
}

type Values<Parameters> = {
  [Name in keyof Parameters]?: Parameters[Name] extends Parameter<infer Value> ? Value : never;
};

/**
 * The query's parameters, each at most once and none but these. Percent-encoding is undone; `+` stands for itself
 * (RFC 3986), as it does in an email address, and not for a space.
 *
 * @throws Problem `invalid-query`, with an error for every wrong parameter
 */
export function readQuery<Parameters extends Record<string, Parameter<unknown>>>(
  c: AppContext,
  parameters: Parameters,
): Values<Parameters> {
  const values: Record<string, unknown> = {};
  const errors: ProblemDetail[] = [];
  for (const [parameter, texts] of textsByName(c.req.url)) {
    const rule = Object.hasOwn(parameters, parameter) ? parameters[parameter] : undefined;
    const [text] = texts;
    if (!rule) {
      errors.push({ parameter, code: "unknown-parameter", detail: "is not a parameter of this request" });
    } else if (texts.length > 1) {
      errors.push({ parameter, code: "repeated-parameter", detail: "must be given once" });
    } else {
      values[parameter] = text === undefined ? undefined : rule.parse(text);
      if (values[parameter] === undefined) errors.push({ parameter, code: rule.code, detail: rule.detail });
    }
  }
  if (errors.length > 0) throw invalidQuery(errors);
  return values as Values<Parameters>;
}

/** What each parameter is given as; `undefined` for what is not properly encoded. */
function textsByName(url: string): Map<string, (string | undefined)[]> {
  const texts = new Map<string, (string | undefined)[]>();
  const start = url.indexOf("?");
  if (start < 0) return texts;
  for (const pair of url.slice(start + 1).split("&")) {
    if (pair === "") continue;
    const separator = pair.indexOf("=");
    const name = separator < 0 ? pair : pair.slice(0, separator);
    const text = separator < 0 ? "" : decode(pair.slice(separator + 1));
    const parameter = decode(name) ?? name;
    texts.set(parameter, [...(texts.get(parameter) ?? []), text]);
  }
  return texts;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
