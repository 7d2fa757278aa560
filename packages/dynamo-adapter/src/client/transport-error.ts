/** A request without a complete response. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /**
   * The code of a system error or of TLS, or `ETIMEDOUT`, `EPROTO` (the response is not HTTP), `ERR_INVALID_CHAR` (a header
   * field cannot be sent, such as invalid credentials) or `ECANCELED`.
   */
  readonly code: string;
  /** Whether the endpoint may have received the request. */
  readonly isSent: boolean;

  constructor(code: string, isSent: boolean, cause?: unknown) {
    super(`The request failed: ${code}.`, cause === undefined ? {} : { cause });
    this.code = code;
    this.isSent = isSent;
  }
}
