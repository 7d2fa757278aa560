import { UserError, type User, type UserRepository } from "@user-management/domain";
import { aNewUser } from "@user-management/domain/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDynamoClient, createDynamoUserRepository } from "./index.ts";
import { createUsersTable, startDynamo, type Dynamo } from "./testing/index.ts";
import { unreliable, type Call, type Fate } from "./testing/unreliable-engine.ts";

let dynamo: Dynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
}, 120_000);
afterAll(() => dynamo.stop());

const updated_at = "2026-02-03T04:05:06.789Z";

interface Setting {
  /** The repository under test, whose calls meet their fate. */
  readonly users: UserRepository;
  /** The same table by a connection that works. */
  readonly sound: UserRepository;
  /** A user who is stored. */
  readonly user: User & { email: string };
  readonly calls: Call[];
  /** From now on everything works. */
  readonly recover: () => void;
}

async function setting(decide: (call: Call) => Fate): Promise<Setting> {
  const { client: soundClient, tableName } = await createUsersTable(dynamo);
  const sound = createDynamoUserRepository({ client: soundClient, tableName });
  const user = aNewUser();
  await sound.insert(user);
  let recovered = false;
  const { client, calls } = await unreliable(dynamo, (call) => (recovered ? "pass" : decide(call)));
  const users = createDynamoUserRepository({ client, tableName });
  return { users, sound, user, calls, recover: () => void (recovered = true) };
}

/** Every operation of the port, on a user who exists. */
function operations(users: UserRepository, user: User & { email: string }): Record<string, () => Promise<unknown>> {
  return {
    insert: () => users.insert(aNewUser()),
    find: () => users.find(user.user_id),
    "two finds": () => Promise.all([users.find(user.user_id), users.find(aNewUser().user_id)]),
    findByEmail: () => users.findByEmail(user.email),
    list: () => users.list({ limit: 10 }),
    update: () => users.update(user.user_id, { lastname: "Roe" }, { updated_at }),
    "update of an email": () => users.update(user.user_id, { email: aNewUser().email }, { updated_at }),
    remove: () => users.remove(user.user_id),
  };
}

/** Expects every operation to be refused as `unavailable` in less than 5 seconds, and gives what the log would say. */
async function expectUnavailable(users: UserRepository, user: User & { email: string }): Promise<string[]> {
  const started = performance.now();
  const outcomes = Object.entries(operations(users, user)).map(async ([name, operation]) => {
    const error: unknown = await operation().then(
      () => expect.fail(`${name} succeeded`),
      (reason: unknown) => reason,
    );
    expect(error, name).toBeInstanceOf(UserError);
    expect(error, name).toMatchObject({ code: "unavailable" });
    return (error as UserError).message;
  });
  const messages = await Promise.all(outcomes);
  expect(performance.now() - started).toBeLessThan(5_000);
  return messages;
}

async function expectAllToWork(users: UserRepository, user: User & { email: string }): Promise<void> {
  for (const operation of Object.values(operations(users, user))) await operation();
}

const cancelled = (...codes: string[]) => ({
  error: "TransactionCanceledException",
  CancellationReasons: codes.map((Code) => ({ Code })),
});

const lostOnce = ({ operation, earlier }: Call): Fate =>
  earlier === 0 && /Write|Update/.test(operation) ? "done, then reset" : "pass";

describe("a table that does not serve is unavailable within 5 seconds, and serves again afterwards:", () => {
  test.for<[name: string, fate: Fate, said: RegExp]>([
    ["it hangs", "hang", /takes too long|within 4500 ms/],
    ["it resets the connection", "reset", /connection broke/],
    ["it does what it is told and never says so", "done, then hang", /takes too long|within 4500 ms/],
    ["it is too slow", { delay: 3_000 }, /takes too long|within 4500 ms/],
    ["it throttles", { error: "ThrottlingException" }, /throttles|within 4500 ms/],
    ["it throttles the table", { error: "ProvisionedThroughputExceededException" }, /throttles|within 4500 ms/],
    ["it limits requests", { error: "RequestLimitExceeded" }, /throttles|within 4500 ms/],
    ["it fails", { status: 500, body: '{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}' }, /fails/],
    ["it is not there", { status: 503, body: "Service Unavailable" }, /fails/],
    ["the credentials have expired", { error: "ExpiredTokenException" }, /credentials have expired/],
    ["the credentials are unknown", { error: "UnrecognizedClientException" }, /credentials are refused/],
    ["the credentials do not suffice", { error: "AccessDeniedException" }, /do not allow/],
    ["the table is missing", { error: "ResourceNotFoundException" }, /table does not exist/],
    ["it talks HTML", { status: 200, body: "<html>captive portal</html>" }, /fails/],
    ["it breaks off", { status: 200, body: '{"Item":{"user_id":{"S":"' }, /fails/],
    ["it talks nonsense with an error", { status: 400, body: "nonsense" }, /fails/],
    ["something else answers, with nothing", { status: 200, body: "", foreign: true }, /fails/],
    ["something else answers, with JSON", { status: 200, body: "{}", foreign: true }, /fails/],
    ["a proxy forbids", { status: 403, body: "{}", foreign: true }, /fails/],
    ["a proxy limits", { status: 429, body: "{}", foreign: true }, /fails/],
    ["the signature is incomplete", { error: "IncompleteSignatureException" }, /fails/],
  ])("%s", async ([, fate, said]) => {
    const { users, user, recover } = await setting(() => fate);
    for (const message of await expectUnavailable(users, user)) expect(message).toMatch(said);
    recover();
    await users.list({ limit: 1 });
    expect(await users.insert(aNewUser())).toMatch(/-/);
  });

  test("nothing listens", async () => {
    const client = createDynamoClient({ ...dynamo.config, endpoint: "http://127.0.0.1:9" });
    const messages = await expectUnavailable(createDynamoUserRepository({ client, tableName: "Users" }), aNewUser());
    for (const message of messages) expect(message).toMatch(/connection is refused/);
  });

  test("its address is unknown", async () => {
    const client = createDynamoClient({ ...dynamo.config, endpoint: "http://dynamodb.invalid" });
    const messages = await expectUnavailable(createDynamoUserRepository({ client, tableName: "Users" }), aNewUser());
    for (const message of messages) expect(message).toMatch(/address/);
  });

  test("the table does not exist", async () => {
    const client = createDynamoClient(dynamo.config);
    const messages = await expectUnavailable(createDynamoUserRepository({ client, tableName: "Nowhere" }), aNewUser());
    for (const message of messages) expect(message).toMatch(/table does not exist/);
  });
});

describe("a passing fault is not seen:", () => {
  test.for<[name: string, decide: (call: Call) => Fate]>([
    ["a reset", ({ earlier }) => (earlier === 0 ? "reset" : "pass")],
    ["a 500", ({ earlier }) => (earlier === 0 ? { status: 500, body: "{}" } : "pass")],
    ["a throttle", ({ earlier }) => (earlier === 0 ? { error: "ThrottlingException" } : "pass")],
    ["slowness", () => ({ delay: 150 })],
    [
      "conflicts of transactions",
      ({ operation, earlier }) =>
        operation === "TransactWriteItems" && earlier < 6 ? cancelled("None", "TransactionConflict") : "pass",
    ],
    [
      "throttles within transactions",
      ({ operation, earlier }) =>
        operation === "TransactWriteItems" && earlier < 6 ? cancelled("ThrottlingError", "None") : "pass",
    ],
    [
      "a conflict of a change with a transaction",
      ({ operation, earlier }) =>
        operation === "UpdateItem" && earlier < 3 ? { error: "TransactionConflictException" } : "pass",
    ],
  ])("%s", async ([, decide]) => {
    const { users, user } = await setting(decide);
    await expectAllToWork(users, user);
  });

  test("a key that is throttled holds up no other", async () => {
    const { users, sound, user } = await setting(({ operation, input }) => {
      const keys: { user_id: { S: string } }[] = Object.values<any>(input["RequestItems"] ?? {})[0]?.Keys ?? [];
      const isHot =
        operation === "GetItem" ? input["Key"].user_id.S === "hot" : keys.some((key) => key.user_id.S === "hot");
      if (!isHot) return "pass";
      if (operation === "GetItem") return { error: "ThrottlingException" };
      const others = keys.filter((key) => key.user_id.S !== "hot");
      const table = Object.keys(input["RequestItems"])[0]!;
      const Responses = { [table]: others.map(({ user_id }) => ({ user_id, version: { N: "7" } })) };
      const UnprocessedKeys = { [table]: { Keys: [{ user_id: { S: "hot" } }] } };
      return { status: 200, body: JSON.stringify({ Responses, UnprocessedKeys }) };
    });
    const other = aNewUser();
    await sound.insert(other);
    const hot = expect(users.find("hot")).rejects.toMatchObject({ code: "unavailable" });
    const started = performance.now();
    expect(await users.find(user.user_id)).toEqual({ user_id: user.user_id, version: 7 });
    expect(await users.find(other.user_id)).toEqual(other);
    expect(performance.now() - started).toBeLessThan(2_000);
    await hot;
  });

  test("keys that were not processed are asked for again", async () => {
    const { users, sound, user, calls } = await setting(({ operation, input, earlier }) => {
      if (operation !== "BatchGetItem" || earlier > 1) return "pass";
      return { status: 200, body: JSON.stringify({ Responses: {}, UnprocessedKeys: input["RequestItems"] }) };
    });
    const other = aNewUser();
    await sound.insert(other);
    expect(await Promise.all([users.find(user.user_id), users.find(other.user_id)])).toEqual([user, other]);
    expect(calls[0]?.operation).toBe("BatchGetItem");
    expect(calls.length).toBeGreaterThan(1);
  });
});

test("conflicts without end, and keys never processed, are unavailable within 5 seconds", async () => {
  const { users, user } = await setting(({ operation, input }) => {
    if (operation === "UpdateItem") return { error: "TransactionConflictException" };
    if (operation === "GetItem") return { error: "ThrottlingException" };
    if (operation === "BatchGetItem") {
      return { status: 200, body: JSON.stringify({ Responses: {}, UnprocessedKeys: input["RequestItems"] }) };
    }
    const CancellationReasons = [{ Code: "TransactionConflict" }, { Code: "None" }];
    return operation === "TransactWriteItems" ? { error: "TransactionCanceledException", CancellationReasons } : "pass";
  });
  const started = performance.now();
  const { insert, update, remove, ...rest } = operations(users, user);
  const attempts = [insert, update, remove, rest["update of an email"], rest["two finds"]];
  for (const outcome of await Promise.allSettled(attempts.map((attempt) => attempt!()))) {
    expect(outcome).toMatchObject({ reason: { code: "unavailable" } });
  }
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("a read that joins one that has waited in vain has its own time", async () => {
  const { users, user, recover } = await setting(() => "hang");
  // Twice as many as can be under way at once: whoever comes after them waits behind both.
  const before = Promise.allSettled(Array.from({ length: 800 }, (_, n) => users.find(`before ${n}`)));
  const inVain = users.find(user.user_id);
  await expect(inVain).rejects.toMatchObject({ code: "unavailable" });
  const joined = users.find(user.user_id);
  recover();
  expect(await joined).toEqual(user);
  await before;
});

test("a failed condition decides, whatever else stood in the way", async () => {
  const owner = { user_id: { S: "email#x" }, owner_id: { S: "somebody else" } };
  const { users } = await setting(() => ({
    error: "TransactionCanceledException",
    CancellationReasons: [{ Code: "TransactionConflict" }, { Code: "ConditionalCheckFailed", Item: owner }],
  }));
  await expect(users.insert(aNewUser())).rejects.toMatchObject({ code: "email-taken" });
});

test("what DynamoDB finds wrong with a request is a bug, and is not called unavailable", async () => {
  const { users, user } = await setting(() => ({ error: "ValidationException" }));
  await expect(users.find(user.user_id)).rejects.toMatchObject({ name: "ValidationException" });
  await expect(users.insert(aNewUser())).rejects.toMatchObject({ name: "ValidationException" });
});

/** A transaction that goes on while nobody hears of it, and whose retries are told so. */
function slowlyDone({ operation, earlier }: Call): Fate {
  if (operation !== "TransactWriteItems" || earlier > 5) return "pass";
  return earlier === 0 ? "done, then reset" : { error: "TransactionInProgressException" };
}

describe("a write whose answer was lost has been done once:", () => {
  test("a removal that was still going on when it was tried again", async () => {
    const { users, user } = await setting(slowlyDone);
    await users.remove(user.user_id);
    expect(await users.find(user.user_id)).toBeUndefined();
  });

  test("a change of an email that was still going on when it was tried again", async () => {
    const { users, user } = await setting(slowlyDone);
    const changed = await users.update(user.user_id, { email: "new@example.com" }, { updated_at, ifVersion: [1] });
    expect(changed).toMatchObject({ email: "new@example.com", version: 2 });
    expect(await users.find(user.user_id)).toEqual(changed);
  });

  test("an insert", async () => {
    const { users, user: other } = await setting(lostOnce);
    const user = aNewUser();
    expect(await users.insert(user)).toBe(user.user_id);
    expect(new Set((await users.list({ limit: 10 })).users)).toEqual(new Set([user, other]));
  });

  test("a change of a version", async () => {
    const { users, user } = await setting(lostOnce);
    const changed = await users.update(user.user_id, { lastname: "Roe" }, { updated_at, ifVersion: [1] });
    expect(changed).toEqual({ ...user, lastname: "Roe", version: 2, updated_at });
    expect(await users.find(user.user_id)).toEqual(changed);
  });

  test("a change of an email", async () => {
    const { users, user } = await setting(lostOnce);
    const changed = await users.update(user.user_id, { email: "new@example.com" }, { updated_at, ifVersion: [1] });
    expect(changed).toEqual({ ...user, email: "new@example.com", version: 2, updated_at });
    expect(await users.findByEmail("new@example.com")).toEqual(changed);
  });

  test("a removal", async () => {
    const { users, user } = await setting(lostOnce);
    await users.remove(user.user_id);
    expect(await users.find(user.user_id)).toBeUndefined();
  });

  test("an idempotent insert that nobody ever heard of again, when the client repeats it", async () => {
    const { users, sound, user: other, recover } = await setting(() => "done, then hang");
    const once = { key: "key", fingerprint: "content", created_at: 1_767_355_200, expires_at: 1_767_441_600 };
    const first = aNewUser();
    await expect(users.insert(first, once)).rejects.toMatchObject({ code: "unavailable" });
    recover();
    const repeat = aNewUser({ email: first.email });
    expect(await users.insert(repeat, once)).toBe(first.user_id);
    expect(new Set((await sound.list({ limit: 10 })).users)).toEqual(new Set([first, other]));
  });
});
