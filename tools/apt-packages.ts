import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** A Debian package that end-to-end tests need. */
export interface AptPackage {
  readonly name: string;
  /** A program by which one sees that it is there: a name on the PATH, or an absolute path. */
  readonly program: string;
}

/** Reads tools/apt-packages.txt. */
export function loadAptPackages(): readonly AptPackage[] {
  const text = readFileSync(new URL("apt-packages.txt", import.meta.url), "utf8");
  const lines = text.split("\n").map((line) => line.replace(/#.*/, "").trim());
  return lines
    .filter((line) => line !== "")
    .map((line) => {
      const [name = "", program = name] = line.split(/\s+/);
      return { name, program };
    });
}

/** The packages whose program is not on this machine. Looks at files only, so it costs nothing. */
export function findMissing(packages: readonly AptPackage[]): readonly AptPackage[] {
  return packages.filter(({ program }) => findProgram(program) === undefined);
}

/** The path of a program; Debian keeps servers in sbin, which is not on everybody's PATH. */
export function findProgram(program: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(path.delimiter), "/usr/sbin", "/sbin"];
  return folders.map((folder) => path.resolve(folder, program)).find((file) => existsSync(file));
}

/** The one command that installs packages. */
export function installCommand(packages: readonly AptPackage[]): readonly string[] {
  const names = packages.map(({ name }) => name);
  return ["apt-get", "install", "-y", "--no-install-recommends", ...names];
}
