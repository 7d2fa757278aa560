import { join } from "node:path";
import { defineConfig } from "vitest/config";
import type { Reporter } from "vitest/node";

/** Prints the number of passed, failed and skipped tests in one line at the end of a run. */
const closingLine: Reporter = {
  onTestRunEnd(modules, errors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    // A file that cannot be imported and an error outside a test count as failures.
    const failed = count("failed") + modules.filter((module) => module.errors().length > 0).length + errors.length;
    process.stdout.write(`\n${count("passed")} passed, ${failed} failed, ${count("skipped")} skipped\n`);
  },
};

/** The folder of the compiled code of the programs that tests start, which halves the time in which they start. */
const NODE_COMPILE_CACHE = join(import.meta.dirname, "node_modules/.cache/compile");

export default defineConfig({
  test: {
    include: ["{packages,apps}/*/{src,infra,openapi,bundle}/**/*.test.ts"],
    testTimeout: 20_000,
    env: { NODE_COMPILE_CACHE },
    // The default on a machine with two cores is one, but most of the time tests wait for processes and timeouts.
    maxWorkers: 2,
    reporters: ["default", closingLine],
  },
});
