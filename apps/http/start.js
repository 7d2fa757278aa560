// Starts the server from its sources. Older versions of Node.js cannot load them, nor report that in one line.
await import("@user-management/node-platform/require-node.js");
await import("./src/main.ts");
