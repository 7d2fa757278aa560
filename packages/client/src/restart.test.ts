import { expect, onTestFinished, test } from "vitest";
import { createUsersClient } from "./index.ts";
import { newUser } from "./testing/new-user.ts";
import { startServer } from "./testing/start-server.ts";

test(
  "a server that is killed and started anew loses and doubles nothing, neither created nor listed",
  { timeout: 60_000 },
  async () => {
    const server = await startServer();
    onTestFinished(server.stop);
    const client = createUsersClient({ baseUrl: server.url, retries: 20 });

    const created: string[] = [];
    const answered: string[] = [];
    async function createMany(): Promise<void> {
      for (let n = 0; n < 50; n += 1) {
        const user = newUser();
        created.push(user.email);
        answered.push((await client.create(user)).user_id);
      }
    }
    const creating = Promise.all(Array.from({ length: 8 }, createMany));
    for (const users of [50, 200]) {
      await expect.poll(() => answered.length, { timeout: 10_000, interval: 1 }).toBeGreaterThan(users);
      expect(answered.length).toBeLessThan(400);
      await server.kill();
      await server.restart();
    }
    await creating;

    const listed: string[] = [];
    const emails: string[] = [];
    for await (const { user_id, email } of client.list({ pageSize: 10 })) {
      listed.push(user_id);
      emails.push(String(email));
      if (listed.length === 105 || listed.length === 290) {
        await server.kill();
        const restarted = server.restart();
        onTestFinished(() => restarted);
      }
    }
    expect(answered).toHaveLength(400);
    expect(listed.toSorted()).toEqual(answered.toSorted());
    expect(emails.toSorted()).toEqual(created.toSorted());
  },
);
