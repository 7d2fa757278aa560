import type { User, UsersClient } from "@user-management/client";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Finds the user with this email, id or external id. The form of the text decides which of them is requested first; an
 * external id may have any form, and so may the id of a legacy user.
 */
export async function findUser(client: UsersClient, text: string, signal: AbortSignal): Promise<User | undefined> {
  const options = { view: "full", signal } as const;
  const findByEmail = () => client.findByEmail(text, options);
  const findByExternalId = () => client.findByExternalId(text, options);
  const getById = async () => (await client.get(UUID.test(text) ? text.toLowerCase() : text, options))?.user;
  const attempts = text.includes("@")
    ? [findByEmail, findByExternalId]
    : UUID.test(text)
      ? [getById, findByExternalId]
      : [findByExternalId, getById];
  for (const attempt of attempts) {
    const user = await attempt();
    if (user) return user;
  }
  return undefined;
}
