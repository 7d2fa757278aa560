import { dirname, join } from "node:path/posix";
/** Returns the specifiers that code or declarations import, statically or dynamically, or pass to `resolve()`. */
export function extractSpecifiers(code) {
    const imports = /\b(?:from|import|import\(|resolve\()\s*"([^"]+)"/g;
    return [...code.matchAll(imports)].map(([, specifier]) => specifier);
}
/** Returns the name of the package that a specifier refers to. */
export function toPackageName(specifier) {
    return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
/**
 * Removes the extension from the path of a file. A module is identified without it: its code, its declarations, which
 * import each other as `.ts`, and its source map are one module.
 */
export function toModule(path) {
    return path.replace(/\.(js|(d\.)?ts|js\.map)$/, "");
}
/** Follows the imports of a package, starting from some of its entries. */
export function findReachableModules({ manifest, paths, read }, entries) {
    const modules = new Set();
    const packages = new Set();
    for (const target of entries.flatMap((entry) => listTargets(manifest, entry)))
        visit(toModule(join(target)));
    return { modules, packages };
    function visit(module) {
        if (modules.has(module))
            return;
        modules.add(module);
        const files = paths.filter((path) => path !== module && toModule(path) === module && !path.endsWith(".map"));
        for (const specifier of files.flatMap((path) => extractSpecifiers(read(path)))) {
            if (specifier.startsWith("."))
                visit(toModule(join(dirname(module), specifier)));
            else if (!specifier.startsWith("node:"))
                packages.add(toPackageName(specifier));
        }
    }
}
/** Returns the files that an entry of the `exports` field leads to. */
function listTargets({ exports }, entry) {
    const target = exports[entry];
    return typeof target === "string" ? [target] : [target.types, target.default];
}
//# sourceMappingURL=modules.js.map