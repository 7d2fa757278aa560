import { randomUUID } from "node:crypto";
import type { NewUser } from "../index.ts";

/** A new user with an address that no other has. */
export function newUser(fields: Partial<NewUser> = {}): NewUser {
  return {
    lastname: "Doe",
    dob: "1990-01-01",
    address: "123 Main St, City, Country",
    gender: "Male",
    email: `${randomUUID()}@example.com`,
    phone_number: "1234567890",
    ...fields,
  };
}
