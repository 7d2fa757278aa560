// Ends the process with one line if this Node.js is too old. It is evaluated before any module that needs a newer one, so
// it uses only what every version has: the applications import it first, and the builds write it before their code.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(`Node.js 24.15 or newer is required; this is ${process.versions.node}.\n`);
  process.exit(1);
}
