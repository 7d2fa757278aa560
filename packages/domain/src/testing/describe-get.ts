import { expect, test } from "vitest";
import { buildUser, createContext, type CreateRepository } from "./fixtures.ts";

const UNKNOWN_VALUES = {
  "the empty string": "",
  "a space": " ",
  "a word": "unknown",
  "the nil UUID": "00000000-0000-0000-0000-000000000000",
  "the stored key of an email claim": "email#user@example.com",
  "the stored key of an external-id claim": "external#42",
  "the stored key of an idempotency record": "once#key",
  "the name of a prototype": "__proto__",
  "the name of an inherited property": "constructor",
  "a NUL character": "a\u0000b",
  "a lone surrogate": "\ud800",
  "8 KiB of UTF-8": "é".repeat(4096),
  "an SQL injection": "' OR '1'='1",
};

export function describeGet(createRepository: CreateRepository): void {
  const context = createContext();

  test("get returns `undefined` for any string that is not the id of a user", async () => {
    const users = await createRepository();
    const user = buildUser({ email: "user@example.com" });
    const record = { key: "key", fingerprint: "content", created_at: 1, expires_at: 2_000_000_000 };
    await users.insert(user, record, context);
    const unknownIds = {
      ...UNKNOWN_VALUES,
      "the id in upper case": user.user_id.toUpperCase(),
      "the id with a trailing space": `${user.user_id} `,
    };
    for (const [label, id] of Object.entries(unknownIds)) {
      expect(await users.get(id, context), label).toBeUndefined();
    }
  });

  test("findBy returns `undefined` for any string that is not the email or external id of a user", async () => {
    const users = await createRepository();
    await users.insert(buildUser({ external_id: "crm-42" }), undefined, context);
    const unknownTexts = {
      ...UNKNOWN_VALUES,
      "an unknown email": "unknown@example.com",
      "an SQL wildcard": "%@example.com",
    };
    for (const [label, text] of Object.entries(unknownTexts)) {
      expect(await users.findBy("email", text, context), label).toBeUndefined();
      expect(await users.findBy("external_id", text, context), label).toBeUndefined();
    }
  });

  test("findBy compares emails case-insensitively and returns the email as stored", async () => {
    const users = await createRepository();
    const user = buildUser({ email: "John.Doe@Example.com" });
    await users.insert(user, undefined, context);
    for (const email of ["John.Doe@Example.com", "john.doe@example.com", "JOHN.DOE@EXAMPLE.COM"]) {
      expect(await users.findBy("email", email, context)).toEqual(user);
    }
  });

  test("a returned user is a copy: changes of it do not reach the store", async () => {
    const users = await createRepository();
    const user = buildUser();
    await users.insert(user, undefined, context);
    const reads = {
      get: () => users.get(user.user_id, context),
      findBy: () => users.findBy("email", user.email, context),
      list: async () => (await users.list({ limit: 1 }, context)).users[0],
    };
    for (const [label, read] of Object.entries(reads)) {
      Object.assign((await read())!, { lastname: "Changed" });
      expect(await read(), label).toEqual(user);
    }
  });
}
