/** A response that does not conform to HTTP/1.1. */
export class ResponseSyntaxError extends Error {
  override readonly name = "ResponseSyntaxError";
}

/** Reads the body of a response from the bytes of its connection. */
export interface BodyReader {
  /**
   * Adds received bytes. Returns the body once it is complete.
   *
   * @throws ResponseSyntaxError
   */
  readonly add: (bytes: Buffer) => CompleteBody | undefined;
  /** Returns the body of a connection that has ended, or `undefined` if it is incomplete. */
  readonly end: () => Buffer | undefined;
}

export interface CompleteBody {
  readonly body: Buffer;
  /** Whether bytes have arrived that are not part of the response. */
  readonly hasTrailingBytes: boolean;
}

const LINE_END = "\r\n";

/**
 * Creates the reader for a response with these header fields (RFC 9112 section 6.3).
 *
 * @throws ResponseSyntaxError
 */
export function createBodyReader(status: number, headers: ReadonlyMap<string, string>): BodyReader {
  const encoding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (status === 204 || status === 304) return createSizedReader(0);
  if (encoding !== undefined) {
    if (encoding.toLowerCase() === "chunked") return createChunkedReader();
    throw new ResponseSyntaxError("The transfer encoding is not supported.");
  }
  if (length !== undefined && !/^\d{1,15}$/.test(length)) {
    throw new ResponseSyntaxError("The content length is invalid.");
  }
  return length === undefined ? createReaderToEnd() : createSizedReader(Number(length));
}

function createSizedReader(size: number): BodyReader {
  const chunks: Buffer[] = [];
  let receivedBytes = 0;
  return {
    add(bytes) {
      chunks.push(bytes);
      receivedBytes += bytes.length;
      if (receivedBytes < size) return undefined;
      return { body: join(chunks).subarray(0, size), hasTrailingBytes: receivedBytes > size };
    },
    end: () => undefined,
  };
}

function createReaderToEnd(): BodyReader {
  const chunks: Buffer[] = [];
  return {
    add: (bytes) => void chunks.push(bytes),
    end: () => join(chunks),
  };
}

/** Reads the chunked transfer coding (RFC 9112 section 7.1). Chunk extensions and trailer fields are ignored. */
function createChunkedReader(): BodyReader {
  const chunks: Buffer[] = [];
  let received: Buffer[] = [];
  let receivedBytes = 0;
  /** The number of bytes without which the next step is impossible, so that a large chunk is not copied repeatedly. */
  let requiredBytes = 1;
  let isInTrailer = false;

  return {
    add(bytes) {
      received.push(bytes);
      receivedBytes += bytes.length;
      if (receivedBytes < requiredBytes) return undefined;
      let rest = join(received);
      requiredBytes = 1;
      for (let next = readNext(rest); next !== undefined; next = readNext(rest)) {
        rest = rest.subarray(next);
        if (isInTrailer && next === LINE_END.length) return { body: join(chunks), hasTrailingBytes: rest.length > 0 };
      }
      received = [rest];
      receivedBytes = rest.length;
      return undefined;
    },
    end: () => undefined,
  };

  /** Reads a chunk or a line of the trailer, and returns its length, or `undefined` if it is incomplete. */
  function readNext(bytes: Buffer): number | undefined {
    const lineLength = bytes.indexOf(LINE_END);
    if (lineLength < 0) return undefined;
    const start = lineLength + LINE_END.length;
    if (isInTrailer) return start;
    const size = parseChunkSize(bytes.toString("latin1", 0, lineLength));
    if (size === 0) {
      isInTrailer = true;
      return start;
    }
    const end = start + size;
    requiredBytes = end + LINE_END.length;
    if (bytes.length < requiredBytes) return undefined;
    requiredBytes = 1;
    if (bytes.toString("latin1", end, end + LINE_END.length) !== LINE_END) {
      throw new ResponseSyntaxError("The end of a chunk is invalid.");
    }
    chunks.push(bytes.subarray(start, end));
    return end + LINE_END.length;
  }
}

function parseChunkSize(line: string): number {
  const [, size] = /^([\da-f]{1,8})[ \t]*(?:;.*)?$/i.exec(line) ?? [];
  if (size === undefined) throw new ResponseSyntaxError("The size of a chunk is invalid.");
  return Number.parseInt(size, 16);
}

function join(chunks: readonly Buffer[]): Buffer {
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
