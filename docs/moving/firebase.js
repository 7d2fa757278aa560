import { parseJson, readLines, readUsers, writeRows } from "./rows.js";

// Converts a file of `firebase auth:export` and the profiles of the application, one JSON object with `localId` per line.
const [accountsPath, profilesPath] = process.argv.slice(2);
const profiles = new Map();

await writeRows(readAccounts(), (user) => {
  const names = (user.displayName ?? "").trim().split(/\s+/);
  const lastname = names.pop();
  const { localId, ...profile } = profiles.get(user.localId) ?? {};
  profiles.delete(localId);
  return {
    external_id: user.localId,
    isDisabled: user.disabled,
    created_at: user.createdAt,
    lastname,
    firstname: names.join(" "),
    email: user.email,
    phone_number: user.phoneNumber,
    metadata: user.customAttributes && parseJson(user.customAttributes),
    ...profile,
  };
});

async function* readAccounts() {
  for await (const profile of readLines(profilesPath)) profiles.set(profile?.localId, profile);
  yield* readUsers([accountsPath]);
  for (const id of profiles.keys()) process.stderr.write(`The profile ${JSON.stringify(id)} belongs to no user.\n`);
}
