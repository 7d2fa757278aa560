/** A response that does not conform to HTTP/1.1. */
export class ResponseSyntaxError extends Error {
  override readonly name = "ResponseSyntaxError";
}

/** Reads the body of a response from the bytes of its connection. */
export interface BodyReader {
  /**
   * Adds received bytes. Returns the body once it is complete, and whether bytes follow it.
   *
   * @throws ResponseSyntaxError
   */
  readonly add: (bytes: Buffer) => CompleteBody | undefined;
  /** Returns the body of a connection that has ended, or `undefined` if it is incomplete. */
  readonly end: () => Buffer | undefined;
}

export interface CompleteBody {
  readonly body: Buffer;
  readonly isFollowed: boolean;
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
  if (encoding !== undefined) {
    if (encoding.toLowerCase() === "chunked") return createChunkedReader();
    throw new ResponseSyntaxError("The transfer encoding is not supported.");
  }
  if (length !== undefined && !/^\d{1,15}$/.test(length)) {
    throw new ResponseSyntaxError("The content length is invalid.");
  }
  if (status === 204 || status === 304) return createSizedReader(0);
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
      return { body: join(chunks).subarray(0, size), isFollowed: receivedBytes > size };
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
  let pending: Buffer = Buffer.alloc(0);
  let isInTrailer = false;
  return {
    add(bytes) {
      pending = join([pending, bytes]);
      while (!isInTrailer) {
        const lineLength = pending.indexOf(LINE_END);
        if (lineLength < 0) return undefined;
        const start = lineLength + LINE_END.length;
        const end = start + parseChunkSize(pending.toString("latin1", 0, lineLength));
        if (end === start) {
          isInTrailer = true;
          pending = pending.subarray(start);
        } else {
          if (pending.length < end + LINE_END.length) return undefined;
          if (pending.toString("latin1", end, end + LINE_END.length) !== LINE_END) {
            throw new ResponseSyntaxError("The end of a chunk is invalid.");
          }
          chunks.push(pending.subarray(start, end));
          pending = pending.subarray(end + LINE_END.length);
        }
      }
      for (let lineLength = pending.indexOf(LINE_END); lineLength >= 0; lineLength = pending.indexOf(LINE_END)) {
        pending = pending.subarray(lineLength + LINE_END.length);
        if (lineLength === 0) return { body: join(chunks), isFollowed: pending.length > 0 };
      }
      return undefined;
    },
    end: () => undefined,
  };
}

function parseChunkSize(line: string): number {
  const [, size] = /^([\da-f]{1,8})[ \t]*(?:;.*)?$/i.exec(line) ?? [];
  if (size === undefined) throw new ResponseSyntaxError("The size of a chunk is invalid.");
  return Number.parseInt(size, 16);
}

function join(chunks: readonly Buffer[]): Buffer {
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
