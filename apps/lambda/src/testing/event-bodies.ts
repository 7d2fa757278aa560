import { isUtf8 } from "node:buffer";

/** The types of which format 2.0 hands over the text; everything else comes in base64. */
const TEXTUAL = /^(?:text\/|application\/(?:json|javascript|xml)(?:;|$))/i;

/** Whether a gateway hands over this body as it is; with `type`, the content type counts as well. */
export function isTextual(body: string | Uint8Array, type = "text/plain"): boolean {
  return TEXTUAL.test(type) && isUtf8(Buffer.from(body));
}

/** A body as an event carries it. */
export function text(body: string | Uint8Array, type?: string): string {
  return Buffer.from(body).toString(isTextual(body, type) ? "utf8" : "base64");
}
