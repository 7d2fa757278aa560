import { defineConfig } from "vitest/config";
import type { Reporter } from "vitest/node";

/** Closes a run with one line that counts its tests. */
const count: Reporter = {
  onTestRunEnd(modules) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const states = tests.map((test) => test.result().state);
    const passed = states.filter((state) => state === "passed").length;
    process.stdout.write(`\n${passed} passed, ${states.length - passed} failed\n`);
  },
};

export default defineConfig({
  test: {
    include: ["{packages,apps}/*/src/**/*.test.ts"],
    testTimeout: 20_000,
    reporters: ["default", count],
  },
});
