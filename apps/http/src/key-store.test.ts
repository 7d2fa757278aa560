import { MAX_API_KEYS, type CreatedApiKey } from "@user-management/domain";
import { createTestClient, expectProblem } from "@user-management/rest-adapter/testing";
import { expect, onTestFinished, test } from "vitest";
import { createKey } from "./testing/create-key.ts";
import { startProcess } from "./testing/start-process.ts";
import { startTestApplication } from "./testing/start-test-application.ts";

/** Nothing listens on port 9. */
const UNREACHABLE = {
  USERS_STORE: "dynamodb",
  AWS_REGION: "local",
  AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:9",
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
};

/** The key with 256 zero bits, which has a valid checksum. */
const KEY = "umk_00000000000000000000000000000000000000000004ZcqQE";

test.for([
  ["on loopback, where the first key would close it", {}, "store-unavailable"],
  ["on loopback that requires a credential", { USERS_AUTH: "required" }, "unauthenticated"],
  ["on every address", { HOST: "0.0.0.0" }, "unauthenticated"],
] as const)(
  "a server %s accepts no request while the keys cannot be read",
  { timeout: 60_000 },
  async ([, settings, anonymousProblem]) => {
    const { port, log } = await startProcess({ ...UNREACHABLE, ...settings });
    const { request } = createTestClient((path, init) => fetch(`http://127.0.0.1:${port}${path}`, init));
    await expectProblem(await request("/users"), anonymousProblem);
    const responses = await Promise.all(
      [KEY, KEY, "umk_unknown"].map((key) => request("/users", { headers: { authorization: `Bearer ${key}` } })),
    );
    for (const response of responses) {
      expect(response.headers.get("retry-after")).toMatch(/^\d+$/);
      await expectProblem(response, "store-unavailable");
    }
    expect((await request("/healthz")).status).toBe(200);
    expect((await request("/readyz")).status).toBe(503);
    await expect
      .poll(() => log.map(({ msg }) => msg))
      .toContain("the API keys cannot be read; without a recent list of them requests return 503");
  },
);

test("each of 1,000 keys works, in the first request of a server too", { timeout: 60_000 }, async () => {
  let created: CreatedApiKey[] = [];
  const { url, stop, log } = await startTestApplication(
    {},
    {
      prepare: async ({ keys }) => {
        created = await Promise.all(Array.from({ length: MAX_API_KEYS }, (_, n) => createKey(keys, { name: `${n}` })));
      },
    },
  );
  onTestFinished(stop);
  for (const { key, record } of [created.at(-1)!, created[0]!, created[500]!]) {
    const response = await fetch(`${url}/users`, { headers: { authorization: `Bearer ${key}` } });
    expect(response.status).toBe(200);
    await expect.poll(() => log).toContainEqual(expect.objectContaining({ status: 200, caller: record.id }));
  }
  expect((await fetch(`${url}/users`)).status).toBe(401);
});
