import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startProcess } from "@user-management/http/testing";
import { EXAMPLE_FIELDS } from "@user-management/domain";
import { build } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import { readDocument } from "../documents/read-document.ts";
import { createProject } from "../packages/project.ts";
import { runSuccessfully } from "../packages/run.ts";

/** A generator of clients with the least configuration of its documentation, and a program that uses its client. */
interface Generator {
  readonly createCommand: (documentUrl: string) => readonly string[];
  /** Creates a user, gets and deletes it, and prints the name and the status code of another get. */
  readonly program: string;
}

const GENERATORS: Readonly<Record<string, Generator>> = {
  "@hey-api/openapi-ts": {
    createCommand: (url) => ["openapi-ts", "--no-log-file", "-i", url, "-o", "hey-api"],
    program: `
      import { createUser, deleteUser, getUser } from "./hey-api/index.ts";
      const user_id = (await createUser({ body })).data!.user_id;
      const { data } = await getUser({ path: { user_id } });
      await deleteUser({ path: { user_id } });
      console.log(data!.lastname, (await getUser({ path: { user_id } })).response!.status);`,
  },
  "swagger-typescript-api": {
    createCommand: (url) => [
      "swagger-typescript-api",
      "generate",
      "-p",
      url,
      "-o",
      "swagger-typescript-api",
      "-n",
      "api.ts",
    ],
    program: `
      import { Api } from "./swagger-typescript-api/api.ts";
      const { users } = new Api();
      const { user_id } = (await users.createUser(body)).data;
      const { data } = await users.getUser(user_id);
      await users.deleteUser(user_id);
      console.log(data.lastname, await users.getUser(user_id).catch(({ status }) => status));`,
  },
  orval: {
    createCommand: () => ["orval"],
    program: `
      import { createUser, deleteUser, getUser } from "./orval/users.ts";
      const created = await createUser(body);
      if (created.status !== 201) throw new Error();
      const { user_id } = created.data;
      const read = await getUser(user_id);
      if (read.status !== 200) throw new Error();
      await deleteUser(user_id);
      console.log(read.data.lastname, (await getUser(user_id)).status);`,
  },
};

const project = createProject();

beforeAll(async () => {
  // The project has the versions of the catalog.
  project.write("pnpm-workspace.yaml", readDocument("pnpm-workspace.yaml"));
  const generators = Object.keys(GENERATORS).map((name) => [name, "catalog:clients"]);
  const dependencies = { ...Object.fromEntries(generators), typescript: "catalog:generator" };
  project.write("package.json", JSON.stringify({ private: true, type: "module", dependencies }));
  const options = ["--no-frozen-lockfile", "--prefer-offline", "--ignore-scripts"];
  await runSuccessfully("npx", ["--yes", "pnpm", "install", ...options], { cwd: project.folder });
}, 120_000);

test.for(Object.entries(GENERATORS))(
  "a client of %s creates, gets and deletes a user without a base URL",
  { timeout: 60_000 },
  async ([name, { createCommand, program }]) => {
    const { url } = await startProcess();
    const documentUrl = `${url}/openapi.json`;
    const output = { target: "orval/users.ts", client: "fetch", baseUrl: { getBaseUrlFromSpecification: true } };
    project.write("orval.config.ts", `export default ${JSON.stringify({ users: { input: documentUrl, output } })};`);
    const [tool = "", ...args] = createCommand(documentUrl);
    const options = { cwd: project.folder };
    await runSuccessfully("npx", ["--yes", "pnpm", "exec", tool, ...args], options);

    const file = join(project.folder, `${tool}.ts`);
    writeFileSync(file, `const body = ${JSON.stringify(EXAMPLE_FIELDS)} as const;\n${program}`);
    await runSuccessfully("npx", ["--yes", "pnpm", "exec", "tsc", ...COMPILER_OPTIONS, file], options);
    const outfile = join(project.folder, `${tool}.mjs`);
    await build({ entryPoints: [file], bundle: true, platform: "node", format: "esm", outfile });
    expect(await runSuccessfully(process.execPath, [outfile], options), name).toBe("Doe 404\n");
  },
);

const COMPILER_OPTIONS = [
  "--noEmit --strict --skipLibCheck --allowImportingTsExtensions --target es2024 --lib es2024,dom,dom.iterable",
  "--module esnext --moduleResolution bundler",
].flatMap((options) => options.split(" "));
