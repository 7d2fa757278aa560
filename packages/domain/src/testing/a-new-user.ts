import type { NewUser } from "../index.ts";

let made = 0;

/** A user to store, with an id and an email address that no other has; ids come in no order. */
export function aNewUser(fields: Partial<NewUser> = {}): NewUser {
  made += 1;
  const scattered = ((made * 0x9e3779b1) >>> 0).toString(16).padStart(8, "0");
  return {
    user_id: `${scattered}-0000-4000-8000-${made.toString(16).padStart(12, "0")}`,
    lastname: "Doe",
    dob: "1990-01-01",
    address: "123 Main St, City, Country",
    gender: "Male",
    email: `user.${made}@example.com`,
    phone_number: "1234567890",
    version: 1,
    created_at: "2026-01-02T03:04:05.678Z",
    updated_at: "2026-01-02T03:04:05.678Z",
    ...fields,
  };
}
