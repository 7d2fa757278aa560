import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXAMPLE_FIELDS } from "@user-management/domain";
import { expect, onTestFinished, test } from "vitest";
import { runCommand } from "./testing/run-command.ts";

test("the built file runs without other files, except for the command that starts DynamoDB Local", async () => {
  execFileSync(process.execPath, [join(import.meta.dirname, "../build.ts")]);
  const folder = mkdtempSync(join(tmpdir(), "userctl-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "userctl.mjs");
  copyFileSync(join(import.meta.dirname, "../dist/userctl.js"), file);

  const SQLITE_PATH = join(folder, "users.db");
  const create = ["keys", "create", "--name", "billing", "--scopes", "users:read"];
  const created = await runCommand(create, { SQLITE_PATH }, file);
  expect(created).toMatchObject({ code: 0, lines: [expect.stringMatching(/^umk_[0-9A-Za-z]{49}$/)] });

  const rows = join(folder, "users.csv");
  writeFileSync(
    rows,
    `${Object.keys(EXAMPLE_FIELDS).join()}\n"${Object.values<unknown>(EXAMPLE_FIELDS).map(String).join('","')}"\n`,
  );
  expect(await runCommand(["import", rows], { SQLITE_PATH }, file)).toMatchObject({ code: 0 });
  const exported = await runCommand(["export"], { SQLITE_PATH }, file);
  expect(exported.lines.map((line) => JSON.parse(line) as object)).toMatchObject([EXAMPLE_FIELDS]);

  expect(await runCommand(["dynamodb", "local"], {}, file)).toEqual({
    code: 2,
    lines: [""],
    errors:
      "error: DynamoDB Local is a development dependency; run `npx pnpm userctl dynamodb local` in the repository\n",
  });
});
