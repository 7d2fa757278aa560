import { expect, test } from "vitest";
import { expectProblem, newUserBody, type StartService } from "./test-client.ts";

export function describeEmails(start: StartService): void {
  test("a create or an update with the email of another user returns 409, in any case", async () => {
    const { createUser, getUser, sendJson } = await start();
    const id = await createUser({ email: "john.doe@example.com" });
    const otherId = await createUser();
    const before = await getUser(otherId);
    await expectProblem(
      await sendJson("POST", "/users", newUserBody({ email: "John.Doe@EXAMPLE.com" })),
      "email-taken",
    );
    const update = { email: "JOHN.DOE@example.com", lastname: "Roe" };
    await expectProblem(await sendJson("PUT", `/users/${otherId}`, update), "email-taken", `/users/${otherId}`);
    expect(await getUser(otherId)).toEqual(before);
    expect((await sendJson("PUT", `/users/${id}`, { email: "John.Doe@example.com" })).status).toBe(200);
  });

  test("exactly one of several concurrent writes of one email succeeds", async () => {
    const { createUser, sendJson } = await start();
    const ids = await Promise.all([createUser(), createUser(), createUser()]);
    const writes = [
      ...Array.from({ length: 8 }, () => sendJson("POST", "/users", newUserBody({ email: "wanted@example.com" }))),
      ...ids.map((id) => sendJson("PUT", `/users/${id}`, { email: "Wanted@example.com" })),
    ];
    const statuses = (await Promise.all(writes)).map(({ status }) => status);
    expect(statuses.filter((status) => status < 300)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(10);
  });

  test("an update and a delete release the email immediately", async () => {
    const { request, createUser, sendJson } = await start();
    const id = await createUser({ email: "first@example.com" });
    await sendJson("PUT", `/users/${id}`, { email: "second@example.com" });
    await createUser({ email: "first@example.com" });
    await request(`/users/${id}`, { method: "DELETE" });
    await createUser({ email: "SECOND@example.com" });
  });
}
