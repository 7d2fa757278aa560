import { readUsers, writeRows } from "./rows.js";

// Converts the output of `aws cognito-idp list-users`.
await writeRows(readUsers(process.argv.slice(2)), (user) => {
  const attributes = Object.fromEntries((user.Attributes ?? []).map(({ Name, Value }) => [Name, Value]));
  const { sub, family_name, given_name, birthdate, address, gender, email, phone_number, ...others } = attributes;
  delete others.identities;
  // Version 1 of the AWS CLI prints seconds, version 2 a text.
  const { UserCreateDate: time } = user;
  return {
    external_id: sub,
    isDisabled: user.Enabled === false,
    created_at: typeof time === "number" ? Math.round(time * 1_000) : time,
    lastname: family_name,
    firstname: given_name,
    dob: birthdate,
    address,
    gender,
    email,
    phone_number,
    // A name of metadata contains no colon: `custom:plan` becomes `custom.plan`.
    metadata: Object.fromEntries(Object.entries(others).map(([name, value]) => [name.replaceAll(":", "."), value])),
  };
});
