#!/usr/bin/env node
// The published command. This file must stay readable for every old Node: it is what tells people to update.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 12)) {
  process.stderr.write(
    "watchpost needs Node.js 24.12 or later, and this is " +
      process.versions.node +
      ": install a newer one from https://nodejs.org and run the command again.\n",
  );
  process.exitCode = 1;
} else {
  await import("../dist/main.js");
}
