import { expect, test } from "vitest";
import { accessSettings, readSettings, toTokenSettings } from "./index.ts";

const read = (environment: NodeJS.ProcessEnv) => readSettings(accessSettings, environment);

const ISSUER = { USERS_TOKEN_ISSUER: "https://issuer.example.com/realms/users", USERS_TOKEN_AUDIENCE: "users" };

test("access tokens are not enabled by default", () => {
  expect(read({})).toEqual({ USERS_TOKEN_TYPE: "at+jwt", USERS_ALLOWED_ORIGINS: [] });
  expect(toTokenSettings(read({}))).toBeUndefined();
});

test("issuer and audience enable access tokens", () => {
  expect(toTokenSettings(read(ISSUER))).toEqual({
    issuer: ISSUER.USERS_TOKEN_ISSUER,
    audience: "users",
    jwksUrl: undefined,
    type: "at+jwt",
  });
  const USERS_TOKEN_JWKS_URL = "https://issuer.example.com/keys?appid=1";
  const settings = read({ ...ISSUER, USERS_TOKEN_JWKS_URL, USERS_TOKEN_TYPE: "any" });
  expect(toTokenSettings(settings)).toMatchObject({ jwksUrl: USERS_TOKEN_JWKS_URL, type: "any" });
});

test.for([
  ["an issuer without an audience", { USERS_TOKEN_ISSUER: ISSUER.USERS_TOKEN_ISSUER }],
  ["an audience without an issuer", { USERS_TOKEN_AUDIENCE: "users" }],
  ["a JWKS URL alone", { USERS_TOKEN_JWKS_URL: "https://issuer.example.com/keys" }],
] as const)("rejects %s", ([, environment]) => {
  expect(() => toTokenSettings(read(environment))).toThrow(
    "USERS_TOKEN_ISSUER and USERS_TOKEN_AUDIENCE must both be set",
  );
});

test.for(["http://localhost:8080", "http://127.0.0.1:8080/realms/users", "http://[::1]"])(
  "accepts the issuer %s, which is on this machine",
  (USERS_TOKEN_ISSUER) => {
    expect(read({ ...ISSUER, USERS_TOKEN_ISSUER })).toMatchObject({ USERS_TOKEN_ISSUER });
  },
);

test.for([
  "issuer.example.com",
  "http://issuer.example.com",
  "http://127.0.0.1.example.com",
  "http://localhost.example.com",
  "ftp://issuer.example.com",
  "https://user:password@issuer.example.com",
  "https://issuer.example.com/#fragment",
  "https://issuer.example.com/?query",
])("rejects the issuer %s", (USERS_TOKEN_ISSUER) => {
  expect(() => read({ ...ISSUER, USERS_TOKEN_ISSUER })).toThrow(/^USERS_TOKEN_ISSUER must be [^;]*(?:;[^;]*)?$/);
});

test("allowed origins are a list", () => {
  const USERS_ALLOWED_ORIGINS = "https://app.example.com, http://localhost:3000";
  expect(read({ USERS_ALLOWED_ORIGINS }).USERS_ALLOWED_ORIGINS).toEqual([
    "https://app.example.com",
    "http://localhost:3000",
  ]);
});

test.for([
  "*",
  "null",
  "app.example.com",
  "https://app.example.com/",
  "https://APP.example.com",
  "https://*.example.com/a",
])("rejects the allowed origin %s", (USERS_ALLOWED_ORIGINS) => {
  expect(() => read({ USERS_ALLOWED_ORIGINS })).toThrow(/^USERS_ALLOWED_ORIGINS must be origins/);
});
