import { describe, expect, test } from "vitest";
import {
  ANONYMOUS_CALLER,
  createAuthenticator,
  EXPIRED,
  INVALID,
  UserError,
  type Authentication,
  type AuthenticationMode,
  type AuthenticatorOptions,
  type TokenVerifier,
} from "../index.ts";
import { expectUserError } from "../testing/settle.ts";
import { createKeyText, createTestList, type TestList } from "./testing/create-test-list.ts";

const MISSING = { rejection: "missing" };
const ANONYMOUS = { caller: ANONYMOUS_CALLER };
const PAST = "2026-06-15T10:00:00.000Z";

/** An issuer whose only token is `token`. */
const TOKEN_AUTHENTICATION = { caller: { id: "issuer", auth: "token", scopes: ["users:list"] } } as const;
const tokens: TokenVerifier = { verify: async (token) => (token === "token" ? TOKEN_AUTHENTICATION : INVALID) };

interface TestAuthenticator extends Omit<TestList, "authenticate"> {
  readonly authenticate: (credential: string | undefined) => Authentication | Promise<Authentication>;
  /** Authenticates in an asynchronous function, which rejects also if the authenticator throws synchronously. */
  readonly identify: (credential: string | undefined) => Promise<unknown>;
  readonly acceptsAnonymous: () => boolean | Promise<boolean>;
}

function createTestAuthenticator(
  mode: AuthenticationMode,
  options: Pick<AuthenticatorOptions, "tokens"> = {},
): TestAuthenticator {
  const list = createTestList();
  const authenticator = createAuthenticator({ mode, keys: list, ...options });
  return { ...list, ...authenticator, identify: async (credential) => authenticator.authenticate(credential) };
}

describe("required", () => {
  test("identifies the caller of a key, synchronously once the keys are read", async () => {
    const { store, authenticate } = createTestAuthenticator("required");
    const { key, record } = store.add();
    const authentication = { caller: { id: record.id, auth: "key", scopes: record.scopes } };
    expect(await authenticate(key)).toEqual(authentication);
    expect(authenticate(key)).toEqual(authentication);
  });

  test("rejects a missing, an unknown, a revoked, an expired and a malformed credential", async () => {
    const { store, identify } = createTestAuthenticator("required");
    const [revoked, expired] = [store.add({ revoked_at: PAST }), store.add({ expires_at: PAST })];
    expect(await identify(undefined)).toEqual(MISSING);
    expect(await identify(createKeyText())).toBe(INVALID);
    expect(await identify(revoked.key)).toBe(INVALID);
    expect(await identify(expired.key)).toBe(EXPIRED);
    for (const text of ["", "umk_", "token", "eyJhbGciOiJub25lIn0.e30."]) expect(await identify(text)).toBe(INVALID);
  });

  test("verifies a credential that has not the prefix of keys as a token, without reading the keys", async () => {
    const { store, identify } = createTestAuthenticator("required", { tokens });
    expect(await identify("token")).toBe(TOKEN_AUTHENTICATION);
    for (const text of ["other", "", "UMK_token"]) expect(await identify(text)).toBe(INVALID);
    expect(store.reads).toBe(0);
  });

  test("accepts no request without a credential, whether there is a key or not, without reading the keys", async () => {
    const { store, acceptsAnonymous } = createTestAuthenticator("required");
    expect(acceptsAnonymous()).toBe(false);
    store.add();
    expect(acceptsAnonymous()).toBe(false);
    expect(store.reads).toBe(0);
  });

  test("throws `unavailable` for a key if the keys cannot be read, and for a token if its issuer is unavailable", async () => {
    const failure = new UserError("unavailable");
    const unavailable: TokenVerifier = { verify: () => Promise.reject(failure) };
    const { store, identify } = createTestAuthenticator("required", { tokens: unavailable });
    store.error = new Error("The disk is full.");
    await expectUserError(identify(createKeyText()), "unavailable");
    expect(await expectUserError(identify("token"), "unavailable")).toBe(failure);
    expect(await identify(undefined)).toEqual(MISSING);
  });
});

describe("none", () => {
  test("ignores every credential and reads no key", async () => {
    const { store, authenticate, acceptsAnonymous } = createTestAuthenticator("none", { tokens });
    const credentials = [undefined, "", "token", createKeyText(), store.add().key, store.add({ revoked_at: PAST }).key];
    for (const credential of credentials) expect(authenticate(credential)).toEqual(ANONYMOUS);
    expect(acceptsAnonymous()).toBe(true);
    expect(store.reads).toBe(0);
  });
});

describe("until-first-key", () => {
  test("makes every caller anonymous while there is no key, also with an invalid credential", async () => {
    const { clock, identify, acceptsAnonymous } = createTestAuthenticator("until-first-key");
    for (const credential of [undefined, "", "umk_", "token"]) expect(await identify(credential)).toEqual(ANONYMOUS);
    expect(await acceptsAnonymous()).toBe(true);
    const authentication = identify(createKeyText());
    await clock.advance(1_000);
    expect(await authentication).toEqual(ANONYMOUS);
  });

  test.for([
    ["active", {}],
    ["revoked", { revoked_at: PAST }],
    ["expired", { expires_at: PAST }],
  ] as const)("requires a credential if there is one key, which is %s", async ([, members]) => {
    const { store, identify, acceptsAnonymous } = createTestAuthenticator("until-first-key");
    store.add(members);
    expect(await identify(undefined)).toEqual(MISSING);
    expect(await identify("token")).toBe(INVALID);
    expect(await acceptsAnonymous()).toBe(false);
  });

  test("requires a credential at the latest one maximum age after the first key is created", async () => {
    const { store, clock, identify } = createTestAuthenticator("until-first-key");
    expect(await identify(undefined)).toEqual(ANONYMOUS);
    store.add();
    await clock.advance(5_000);
    expect(await identify(undefined)).toEqual(MISSING);
  });

  test("requires a credential as soon as a request has the first key", async () => {
    const { store, clock, identify, acceptsAnonymous } = createTestAuthenticator("until-first-key");
    expect(await identify(undefined)).toEqual(ANONYMOUS);
    await clock.advance(1_000);
    expect(await identify(store.add().key)).toHaveProperty("caller.auth", "key");
    expect(await identify(undefined)).toEqual(MISSING);
    expect(acceptsAnonymous()).toBe(false);
  });

  test("stays closed after the only key is deleted, and while the store is unavailable", async () => {
    const { store, clock, identify, acceptsAnonymous } = createTestAuthenticator("until-first-key");
    const { key } = store.add();
    expect(await identify(undefined)).toEqual(MISSING);
    store.keys = [];
    await clock.advance(5_000);
    expect(await identify(key)).toBe(INVALID);
    store.error = new Error("The disk is full.");
    await clock.advance(60 * 60_000);
    expect(await identify(undefined)).toEqual(MISSING);
    expect(acceptsAnonymous()).toBe(false);
  });

  test("throws `unavailable` instead of accepting a request if the keys cannot be read", async () => {
    for (const credential of [undefined, "", "token"]) {
      const { store, clock, identify, acceptsAnonymous } = createTestAuthenticator("until-first-key");
      store.error = new Error("The disk is full.");
      await expectUserError(identify(credential), "unavailable");
      const failure = expectUserError((async () => acceptsAnonymous())(), "unavailable");
      await clock.advance(1_000);
      await failure;
    }
  });

  test("identifies the caller of a token, which does not end anonymous access", async () => {
    const { identify, acceptsAnonymous } = createTestAuthenticator("until-first-key", { tokens });
    expect(await identify("token")).toBe(TOKEN_AUTHENTICATION);
    expect(await identify(undefined)).toEqual(ANONYMOUS);
    expect(acceptsAnonymous()).toBe(true);
  });
});
