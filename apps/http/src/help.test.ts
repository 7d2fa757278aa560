import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

test("--help prints every setting with its default, and starts no server", () => {
  const main = join(import.meta.dirname, "main.ts");
  // An invalid setting has no influence.
  const help = execFileSync(process.execPath, [main, "--help"], { env: { PORT: "x" }, encoding: "utf8" });
  expect(help).toMatch(/^Usage: main\.js /);
  expect(help).toMatch(/^ {2}PORT +the port; 0 selects a free one \(5000\)$/m);
  expect(help).toMatch(/^ {2}USERS_AUTH +auto, required or none: .* \(auto\)$/m);
  expect(help).toMatch(/^ {2}METRICS_PORT +the port for metrics; without it they are not collected$/m);
});
