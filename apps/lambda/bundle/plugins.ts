import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

/**
 * Loads the modules of Node.js with `require`, and only the exports that the code uses. An `import` of such a module also
 * evaluates the exports that Node.js loads only on their first use otherwise: `http` then loads the HTTP client behind
 * `fetch`, and `process` many internal modules.
 */
export const requireBuiltins: Plugin = {
  name: "require-builtins",
  setup(bundle) {
    bundle.onResolve({ filter: /./ }, ({ path, kind }) =>
      isBuiltin(path) && kind !== "require-call" ? { path, namespace: "builtin" } : undefined,
    );
    bundle.onLoad({ filter: /./, namespace: "builtin" }, async ({ path }) => {
      const names = Object.keys((await import(path)) as object).filter((name) => name !== "default");
      const exports = names.map((name) => `export const ${name} = /* @__PURE__ */ (() => builtin.${name})();`);
      return { contents: [`const builtin = require("${path}");`, ...exports].join("\n") };
    });
  },
};

/** Replaces a module by a file beside this one. */
export function replace(module: string, file: string): Plugin {
  return {
    name: `replace-${module}`,
    setup(bundle) {
      const path = fileURLToPath(new URL(file, import.meta.url));
      bundle.onResolve({ filter: new RegExp(`^${module}$`) }, () => ({ path }));
    },
  };
}

/** Leaves the imports of a package to the runtime, as imports of a file beside the bundle. */
export function separate(packageName: string, file: string): Plugin {
  return {
    name: `separate-${file}`,
    setup(bundle) {
      bundle.onResolve({ filter: new RegExp(`^${packageName}$`) }, () => ({ path: `./${file}`, external: true }));
    },
  };
}
