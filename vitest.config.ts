import { defineConfig } from "vitest/config";
import type { Reporter } from "vitest/node";

/** Closes a run with one line that counts its tests. */
const closingLine: Reporter = {
  onTestRunEnd(modules, errors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    // A file that cannot be run, and an error outside any test, are failures as well.
    const failed = count("failed") + modules.filter((module) => module.errors().length > 0).length + errors.length;
    process.stdout.write(`\n${count("passed")} passed, ${failed} failed, ${count("skipped")} skipped\n`);
  },
};

export default defineConfig({
  test: {
    include: ["{packages,apps}/*/{src,infra,openapi}/**/*.test.ts"],
    testTimeout: 20_000,
    reporters: ["default", closingLine],
  },
});
