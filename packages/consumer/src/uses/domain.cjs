const { createUserService, UserError } = require("@user-management/domain");
const { createInMemoryUserRepository } = require("@user-management/domain/in-memory");

const service = createUserService({
  users: createInMemoryUserRepository(),
  now: () => new Date(),
  newId: () => "6f1c5b9e-0000-4000-8000-000000000000",
  digest: (text) => text,
});
const doe = {
  lastname: "Doe",
  dob: "1990-01-01",
  address: "123 Main St, City, Country",
  gender: "Male",
  email: "john.doe@example.com",
  phone_number: "1234567890",
};

async function main() {
  const { user_id } = await service.create(doe);
  const { version } = await service.change(user_id, { firstname: "John" });
  const { code, issues } = await service.create({ ...doe, email: "john.doe" }).catch((error) => error);
  console.log(JSON.stringify({ version, code, pointers: issues.map(({ pointer }) => pointer) }));
  console.log(new UserError("not-found") instanceof (await import("@user-management/domain")).UserError);
}

void main();
