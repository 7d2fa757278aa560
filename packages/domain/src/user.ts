import type { UserFields } from "./user-fields.ts";

/**
 * A user as it is stored.
 *
 * Every field a client writes may be absent here, and may hold what today's rules refuse: data that is older than
 * those rules is read and served as it stands.
 */
export interface User extends Readonly<Partial<UserFields>> {
  /** Lower-case UUID, made by the service. Data from elsewhere may hold any other non-empty string. */
  readonly user_id: string;
  /** 1 when created and one more with every stored change; 0 for data that was stored without one. */
  readonly version: number;
  /** When the user was created, ISO 8601 in UTC with milliseconds; absent in data that was stored without one. */
  readonly created_at?: string;
  /** When the user was last changed, in the same form. */
  readonly updated_at?: string;
}

/**
 * The form of an email address under which it is unique: trimmed, in Unicode NFC, lower case. Addresses that
 * differ only in case reach the same mailbox in practice, although RFC 5321 section 2.4 lets the local part differ.
 */
export function canonicalEmail(email: string): string {
  return email.normalize("NFC").trim().toLowerCase();
}
