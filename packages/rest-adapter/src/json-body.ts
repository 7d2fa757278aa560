import { repeatsName } from "./json-names.ts";
import type { AppContext } from "./exchange.ts";
import { Problem } from "./problem.ts";

/** The largest body, in bytes. */
const LIMIT = 64 * 1024;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * A request's body, once it is known to be of a kind and size that is taken.
 *
 * @param types the media types that are taken, the preferred one first
 * @throws Problem `unsupported-media-type`, `payload-too-large`, `malformed-body`
 */
export async function readBody(c: AppContext, types: readonly string[]): Promise<ArrayBuffer | Uint8Array> {
  const { headers } = c.req.raw;
  refuseEncoding(headers.get("content-encoding"));
  const type = headers.get("content-type");
  if (type !== null) refuseType(type, types);
  const bytes = await readBytes(c.req.raw);
  if (type === null && bytes.byteLength > 0) refuseType("", types);
  return bytes;
}

/**
 * The JSON object that a body holds.
 *
 * @throws Problem `malformed-body`
 */
export function parseObject(bytes: ArrayBuffer | Uint8Array): object {
  if (bytes.byteLength === 0) throw malformed("The body is empty.");
  const text = decode(bytes);
  const value = parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw malformed("The body is not a JSON object.");
  }
  if (repeatsName(text)) throw malformed("The body names a field twice.");
  return value;
}

/** A body says how long it is, or comes in chunks that are counted as they come. */
async function readBytes(request: Request): Promise<ArrayBuffer | Uint8Array> {
  const declared = request.headers.get("content-length");
  if (Number(declared) > LIMIT) throw tooLarge();
  try {
    const bytes = declared === null ? await readChunks(request.body) : await request.arrayBuffer();
    if (bytes.byteLength <= LIMIT) return bytes;
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem("malformed-body", { detail: "The body ended before it was complete.", cause });
  }
  throw tooLarge();
}

async function readChunks(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  for (let step = await reader?.read(); step && !step.done; step = await reader?.read()) {
    length += step.value.byteLength;
    if (length > LIMIT) throw tooLarge();
    chunks.push(step.value);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

function decode(bytes: ArrayBuffer | Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw malformed("The body is not valid UTF-8.", cause);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed("The body is not valid JSON.", cause);
  }
}

/** RFC 9110 section 15.5.16: a refusal says what would be taken. */
function refuseEncoding(encoding: string | null): void {
  if (encoding === null || encoding.trim().toLowerCase() === "identity") return;
  throw new Problem("unsupported-media-type", {
    detail: "A body is taken without Content-Encoding only.",
    headers: { "accept-encoding": "identity" },
  });
}

function refuseType(header: string, types: readonly string[]): void {
  const [type = "", ...parameters] = header.split(";").map((part) => part.trim().toLowerCase());
  const isUtf8 = parameters.every((parameter) => !/^charset=(?!"?utf-8"?$)/.test(parameter));
  if (types.includes(type) && isUtf8) return;
  throw new Problem("unsupported-media-type", {
    detail: `A body is taken as ${types.join(" or ")} in UTF-8 only.`,
    headers: { accept: types.join(", ") },
  });
}

function malformed(detail: string, cause?: unknown): Problem {
  return new Problem("malformed-body", { detail, cause });
}

function tooLarge(): Problem {
  return new Problem("payload-too-large", { detail: `A body has at most ${LIMIT} bytes.` });
}
