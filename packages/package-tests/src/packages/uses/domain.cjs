const { ANONYMOUS_CALLER, createUserService, UserError } = require("@user-management/domain");
const { createInMemoryUserRepository } = require("@user-management/domain/in-memory");

const service = createUserService({
  users: createInMemoryUserRepository(),
  now: () => new Date(),
  generateId: () => "6f1c5b9e-0000-4000-8000-000000000000",
  digest: (text) => text,
});
const context = { requestId: "1", caller: ANONYMOUS_CALLER, signal: AbortSignal.timeout(5_000) };
const doe = {
  lastname: "Doe",
  dob: "1990-01-01",
  address: "123 Main St, City, Country",
  gender: "Male",
  email: "john.doe@example.com",
  phone_number: "1234567890",
};

async function main() {
  const { user_id } = await service.create(doe, {}, context);
  const { version } = await service.update(user_id, { firstname: "John" }, {}, context);
  const error = await service.create({ ...doe, email: "john.doe" }, {}, context).catch((thrown) => thrown);
  const pointers = error.issues.map(({ pointer }) => pointer);
  console.log(JSON.stringify({ version, code: error.code, pointers }));
  console.log(new UserError("not-found") instanceof (await import("@user-management/domain")).UserError);
}

void main();
