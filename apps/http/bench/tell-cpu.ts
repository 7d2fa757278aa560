// Loaded into a server under test: tells its parent, when asked, the CPU time it has used so far in microseconds.
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send!(user + system);
});
process.channel?.unref();
