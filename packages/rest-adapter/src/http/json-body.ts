import { hasDuplicateName } from "./duplicate-names.ts";
import { createHttpProblem, MAX_BODY_BYTES, Problem } from "./problem.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads the body of a request after validating its media type and encoding.
 *
 * @param mediaTypes the accepted media types, the preferred one first
 * @param onRead called before the first byte is read
 * @throws Problem `unsupported-media-type`, `payload-too-large`, `malformed-body`
 */
export async function readBody(
  request: Request,
  mediaTypes: readonly string[],
  onRead: () => void = () => undefined,
): Promise<Uint8Array> {
  const { headers } = request;
  validateEncoding(headers.get("content-encoding"));
  const contentType = headers.get("content-type");
  if (contentType !== null) validateMediaType(contentType, mediaTypes);
  const bytes = await readBytes(request, onRead);
  if (contentType === null && bytes.byteLength > 0) validateMediaType("", mediaTypes);
  return bytes;
}

/**
 * Parses a body that must be a JSON object.
 *
 * @throws Problem `malformed-body`
 */
export function parseJsonObject(bytes: Uint8Array): object {
  if (bytes.byteLength === 0) throw createMalformedBody("The body is empty.");
  const text = decodeUtf8(bytes);
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw createMalformedBody("The body is not a JSON object.");
  }
  if (hasDuplicateName(text, value)) throw createMalformedBody("The body contains a member name twice.");
  return value;
}

/** Rejects a body over the limit: before it arrives if `Content-Length` exceeds the limit, otherwise once it does. */
async function readBytes(request: Request, onRead: () => void): Promise<Uint8Array> {
  const declaredLength = request.headers.get("content-length");
  if (Number(declaredLength) > MAX_BODY_BYTES) throw createHttpProblem("payload-too-large");
  onRead();
  try {
    const bytes =
      declaredLength === null ? await readChunks(request.body) : new Uint8Array(await request.arrayBuffer());
    if (bytes.byteLength <= MAX_BODY_BYTES) return bytes;
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw createMalformedBody("The body ended before it was complete.", cause);
  }
  throw createHttpProblem("payload-too-large");
}

async function readChunks(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  for (let step = await reader?.read(); step && !step.done; step = await reader?.read()) {
    length += step.value.byteLength;
    if (length > MAX_BODY_BYTES) throw createHttpProblem("payload-too-large");
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

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw createMalformedBody("The body is not valid UTF-8.", cause);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw createHttpProblem("malformed-body", { cause });
  }
}

/** RFC 9110 section 15.5.16: the response lists the accepted encodings. */
function validateEncoding(contentEncoding: string | null): void {
  if (contentEncoding === null || contentEncoding.trim().toLowerCase() === "identity") return;
  throw createHttpProblem("unsupported-media-type", {
    detail: "The body must not have a Content-Encoding.",
    headers: { "accept-encoding": "identity" },
  });
}

/** RFC 9110 section 15.5.16: the response lists the accepted media types. */
function validateMediaType(contentType: string, mediaTypes: readonly string[]): void {
  if (mediaTypes.includes(contentType)) return;
  const [mediaType = "", ...parameters] = contentType.split(";").map((part) => part.trim().toLowerCase());
  const isUtf8 = parameters.every((parameter) => !/^charset=(?!"?utf-8"?$)/.test(parameter));
  if (mediaTypes.includes(mediaType) && isUtf8) return;
  throw createHttpProblem("unsupported-media-type", {
    detail: `The request must have the header Content-Type: ${mediaTypes.join(" or ")}, and a body in UTF-8.`,
    headers: { accept: mediaTypes.join(", ") },
  });
}

function createMalformedBody(detail: string, cause?: unknown): Problem {
  return createHttpProblem("malformed-body", { detail, cause });
}
