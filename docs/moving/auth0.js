import { readLines, writeRows } from "./rows.js";

// Converts an export job of Auth0 in the format `json`: one user per line.
await writeRows(readLines(process.argv[2]), (user) => {
  const { birthdate, address, gender, phone_number, ...metadata } = user.user_metadata ?? {};
  return {
    external_id: user.user_id,
    isDisabled: user.blocked,
    created_at: user.created_at,
    lastname: user.family_name,
    firstname: user.given_name,
    dob: birthdate,
    address,
    gender,
    email: user.email,
    phone_number: user.phone_number ?? phone_number,
    metadata,
  };
});
