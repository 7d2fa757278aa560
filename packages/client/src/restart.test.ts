import { expect, onTestFinished, test } from "vitest";
import { createUsersClient } from "./index.ts";
import { buildNewUser } from "./testing/fixtures.ts";
import { startServer } from "./testing/start-server.ts";

test(
  "creates and lists every user exactly once while the server is killed and restarted",
  { timeout: 60_000 },
  async () => {
    const server = await startServer();
    onTestFinished(server.stop);
    const client = createUsersClient({ baseUrl: server.url, retries: 20 });

    const sentEmails: string[] = [];
    const createdIds: string[] = [];
    async function createUsers(): Promise<void> {
      for (let n = 0; n < 50; n += 1) {
        const user = buildNewUser();
        sentEmails.push(user.email);
        createdIds.push((await client.create(user)).user_id);
      }
    }
    const creations = Promise.all(Array.from({ length: 8 }, createUsers));
    for (const count of [50, 200]) {
      await expect.poll(() => createdIds.length, { timeout: 10_000, interval: 1 }).toBeGreaterThan(count);
      expect(createdIds.length).toBeLessThan(400);
      await server.kill();
      await server.restart();
    }
    await creations;

    const listedIds: string[] = [];
    const listedEmails: string[] = [];
    for await (const { user_id, email } of client.list({ pageSize: 10 })) {
      listedIds.push(user_id);
      listedEmails.push(String(email));
      if (listedIds.length === 105 || listedIds.length === 290) {
        await server.kill();
        const restarted = server.restart();
        onTestFinished(() => restarted);
      }
    }
    expect(createdIds).toHaveLength(400);
    expect(listedIds.toSorted()).toEqual(createdIds.toSorted());
    expect(listedEmails.toSorted()).toEqual(sentEmails.toSorted());
  },
);
