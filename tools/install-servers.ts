import { findMissing, findProgram, installCommand, loadAptPackages } from "./apt-packages.ts";
import { runCommand } from "./run-command.ts";

const environment = {
  DEBIAN_FRONTEND: "noninteractive",
  // The tests start servers of their own in their own folders: the packages' must not start with the machine.
  SYSTEMD_OFFLINE: "1",
  RUNLEVEL: "1",
};
const timeoutMs = 10 * 60_000;

/**
 * Installs the servers that the end-to-end tests need, when this is root or CI; otherwise prints the command that
 * would, and the tests skip. False only when CI cannot have them: there, a skipped test is a failure.
 */
export async function installServers(): Promise<boolean> {
  const missing = findMissing(loadAptPackages());
  if (missing.length === 0) {
    return true;
  }
  const isCi = process.env["CI"] === "true";
  const isRoot = process.getuid?.() === 0;
  const names = missing.map(({ name }) => name).join(", ");
  const command = installCommand(missing);
  if ((!isCi && !isRoot) || findProgram("apt-get") === undefined) {
    console.log(`Tests that need ${names} are skipped. To run them: sudo ${command.join(" ")}`);
    return !isCi;
  }
  console.log(`Installing ${names} for the end-to-end tests …`);
  const rights = isRoot ? [] : ["sudo", "-n", "-E"];
  const update = ["apt-get", "-qq", "update"];
  const install = [...command, "-qq", "-o", "DPkg::Lock::Timeout=120"];
  for (const [program = "", ...args] of [update, install].map((words) => [...rights, ...words])) {
    const result = await runCommand(program, args, { env: environment, timeoutMs });
    if (!result.isOk) {
      console.log(`${result.output}\n${[program, ...args].join(" ")} failed; see above.`);
      return !isCi;
    }
  }
  return true;
}
