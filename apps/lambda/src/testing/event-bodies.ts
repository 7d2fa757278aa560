import { isUtf8 } from "node:buffer";

/**
 * The types that are taken to come as text in format 2.0, and everything else in base64. AWS documents no list: these are
 * the ones that API Gateway is known to treat so, and a handler has to go by `isBase64Encoded` alone.
 */
const TEXTUAL = /^(?:text\/|application\/(?:json|javascript|xml)(?:;|$))/i;

/** Whether a gateway hands over this body as it is; with `type`, the content type counts as well. */
export function isTextual(body: string | Uint8Array, type = "text/plain"): boolean {
  return TEXTUAL.test(type) && isUtf8(Buffer.from(body));
}

/** A body as an event carries it. */
export function text(body: string | Uint8Array, type?: string): string {
  return Buffer.from(body).toString(isTextual(body, type) ? "utf8" : "base64");
}
