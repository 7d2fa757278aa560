import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";

/**
 * Loads the modules of Node.js with `require`. An `import` of such a module also evaluates the exports that Node.js
 * loads only on their first use otherwise: `http` then loads the HTTP client behind `fetch`, and `process` many internal
 * modules.
 */
export const requireBuiltins: Plugin = {
  name: "require-builtins",
  setup(bundle) {
    bundle.onResolve({ filter: /./ }, ({ path, kind }) =>
      isBuiltin(path) && kind !== "require-call" ? { path, namespace: "builtin" } : undefined,
    );
    bundle.onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = require("${path}")`,
    }));
  },
};

/** Replaces modules of the AWS SDK that have no name of their own, and that a function does not need. */
export const reduceSdk: Plugin = {
  name: "reduce-sdk",
  setup(bundle) {
    // Only the version is used, which the client sends to DynamoDB.
    bundle.onLoad({ filter: /[\\/]client-dynamodb[\\/]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, "utf8")) as { version: string };
      return { contents: JSON.stringify({ version }), loader: "json" };
    });
    // The implementation for a Node.js without OpenSSL.
    bundle.onLoad({ filter: /[\\/]Sha256Js\.js$/ }, () => ({ contents: "export class Sha256Js {}" }));
    // The region of an EC2 instance. A function has its region in the environment.
    bundle.onLoad({ filter: /[\\/]getInstanceMetadataRegion\.js$/ }, () => ({
      contents: "export const getInstanceMetadataRegion = async () => undefined;",
    }));
  },
};

/** Leaves the imports of a package to the runtime, as imports of a file beside the bundle. */
export function separate(packageName: string, file: string): Plugin {
  return {
    name: `separate-${file}`,
    setup(bundle) {
      bundle.onResolve({ filter: new RegExp(`^${packageName}$`) }, () => ({ path: `./${file}`, external: true }));
    },
  };
}
