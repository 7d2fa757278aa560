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

/** Leaves the imports of a package to the runtime, as imports of a file beside the bundle. */
export function separate(packageName: string, file: string): Plugin {
  return {
    name: `separate-${file}`,
    setup(bundle) {
      bundle.onResolve({ filter: new RegExp(`^${packageName}$`) }, () => ({ path: `./${file}`, external: true }));
    },
  };
}
