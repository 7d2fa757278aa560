import { readUsers, writeRows } from "./rows.js";

// Converts files of `kc.sh export`, or the output of `kcadm.sh get users`.
await writeRows(readUsers(process.argv.slice(2)), (user) => {
  // The names with which the built-in mappers of Keycloak read attributes.
  const { birthdate, gender, phoneNumber, formatted, street, locality, region, postal_code, country, ...metadata } =
    user.attributes ?? {};
  const address = { formatted, street_address: street, locality, region, postal_code, country };
  return {
    external_id: user.id,
    isDisabled: user.enabled === false,
    created_at: user.createdTimestamp,
    lastname: user.lastName,
    firstname: user.firstName,
    dob: birthdate?.[0],
    address: Object.fromEntries(Object.entries(address).map(([name, values]) => [name, values?.[0]])),
    gender: gender?.[0],
    email: user.email,
    phone_number: phoneNumber?.[0],
    metadata,
  };
});
