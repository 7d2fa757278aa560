import { expect, onTestFinished, test } from "vitest";
import { createKey } from "./testing/create-key.ts";
import { startTestApplication } from "./testing/start-test-application.ts";

/** Starts a server with a key. */
async function start(environment: Record<string, string> = {}) {
  let key = "";
  const { url, stop } = await startTestApplication(environment, {
    prepare: async (store) => ({ key } = await createKey(store.keys)),
  });
  onTestFinished(stop);

  function send(credential: string, forwardedFor: string | undefined): Promise<Response> {
    const headers = new Headers({ authorization: `Bearer ${credential}` });
    if (forwardedFor !== undefined) headers.set("x-forwarded-for", forwardedFor);
    return fetch(`${url}/users`, { headers });
  }

  return {
    /** Sends a request with the key. */
    send: (forwardedFor?: string) => send(key, forwardedFor),
    /** Sends concurrent requests with an invalid credential, and returns their responses by status code. */
    fail: async (count: number, forwardedFor?: string) => {
      const responses = await Promise.all(Array.from({ length: count }, () => send("invalid", forwardedFor)));
      return new Map(responses.map((response) => [response.status, response]));
    },
  };
}

test("invalid credentials are limited per address; valid ones are still accepted", async () => {
  const { send, fail } = await start();
  const responses = await fail(40);
  expect(new Set(responses.keys())).toEqual(new Set([401, 429]));
  expect(responses.get(429)?.headers.get("retry-after")).toBe("1");
  expect((await send()).status).toBe(200);
});

test("X-Forwarded-For separates the clients of a trusted proxy", async () => {
  const { send, fail } = await start({ USERS_TRUSTED_PROXIES: "127.0.0.1" });
  expect(await fail(40, "192.0.2.1")).toHaveProperty("size", 2);
  // A client cannot forge the entry that the proxy appends. It regains one failure per second.
  expect((await fail(10, "192.0.2.2, 192.0.2.1")).has(429)).toBe(true);
  expect([...(await fail(10, "192.0.2.2")).keys()]).toEqual([401]);
  expect([...(await fail(10)).keys()]).toEqual([401]);
  expect((await send("192.0.2.1")).status).toBe(200);
});

test("X-Forwarded-For has no influence without a trusted proxy", async () => {
  const { fail } = await start();
  expect(await fail(40)).toHaveProperty("size", 2);
  for (const client of ["192.0.2.1", "192.0.2.2", "127.0.0.1"]) expect((await fail(10, client)).has(429)).toBe(true);
});
