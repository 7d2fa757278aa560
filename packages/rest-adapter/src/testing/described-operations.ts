import document from "../openapi.json" with { type: "json" };

/** A part of the API's description. */
interface Part {
  /** Where it is in the document: a JSON pointer as a URI fragment (RFC 6901 section 6). */
  readonly pointer: string;
}

export interface DescribedParameter extends Part {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
}

export interface DescribedHeader extends Part {
  readonly name: string;
  readonly required: boolean;
}

/** A body in one media type, with its examples by their names; the only one of a request has no name. */
export interface DescribedBody extends Part {
  readonly type: string;
  readonly examples: Readonly<Record<string, unknown>>;
}

export interface DescribedAnswer extends Part {
  readonly status: number;
  readonly headers: readonly DescribedHeader[];
  readonly bodies: readonly DescribedBody[];
}

export interface DescribedOperation extends Part {
  /** In upper case. */
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  readonly parameters: readonly DescribedParameter[];
  /** What a request is to have, if anything: one of these. */
  readonly bodies: readonly DescribedBody[];
  readonly answers: readonly DescribedAnswer[];
}

/** What the document has at a place, as far as it is read here. */
interface Source {
  readonly $ref?: string;
  readonly name?: string;
  readonly in?: DescribedParameter["in"];
  readonly required?: boolean;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { value: unknown }>>;
  readonly parameters?: readonly Source[];
  readonly requestBody?: Source;
  readonly responses?: Readonly<Record<string, Source>>;
  readonly headers?: Readonly<Record<string, Source>>;
  readonly content?: Readonly<Record<string, Source>>;
}

/** Every operation that `/openapi.json` describes, with what it refers to in its place. */
export function describedOperations(): DescribedOperation[] {
  return Object.entries(document.paths as Record<string, Record<string, Source>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody = {}, responses = {} }]) => {
      const pointer = within("#", "paths", path, method);
      return {
        pointer,
        method: method.toUpperCase(),
        path,
        parameters: parameters.map((source, n) => parameterAt(within(pointer, "parameters", String(n)), source)),
        bodies: bodiesAt(within(pointer, "requestBody"), requestBody),
        answers: Object.entries(responses).map(([status, source]) =>
          answerAt(within(pointer, "responses", status), Number(status), source),
        ),
      };
    }),
  );
}

/** What the paths of an operation look like, its parameters being groups. */
export function patternOf({ path }: DescribedOperation): RegExp {
  return new RegExp(`^${path.replaceAll(".", String.raw`\.`).replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
}

function parameterAt(place: string, source: Source): DescribedParameter {
  const { pointer, name, in: where, required = false } = resolved(place, source);
  return { pointer, name: name!, in: where!, required };
}

function answerAt(place: string, status: number, source: Source): DescribedAnswer {
  const answer = resolved(place, source);
  const headers = Object.entries(answer.headers ?? {}).map(([name, header]) => {
    const { pointer, required = false } = resolved(within(answer.pointer, "headers", name), header);
    return { pointer, name, required };
  });
  return { pointer: answer.pointer, status, headers, bodies: bodiesAt(answer.pointer, answer) };
}

function bodiesAt(pointer: string, { content = {} }: Source): DescribedBody[] {
  return Object.entries(content).map(([type, { example, examples = {} }]) => ({
    pointer: within(pointer, "content", type),
    type,
    examples:
      example === undefined
        ? Object.fromEntries(Object.entries(examples).map(([name, { value }]) => [name, value]))
        : { "": example },
  }));
}

/** What is at this place, or at the one in the document that it refers to. */
function resolved(pointer: string, source: Source): Source & Part {
  if (source.$ref === undefined) return { ...source, pointer };
  const [, ...names] = source.$ref.split("/");
  const target = names.reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], document);
  return { ...(target as Source), pointer: source.$ref };
}

function within(pointer: string, ...names: string[]): string {
  const segments = names.map((name) => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1")));
  return [pointer, ...segments].join("/");
}
