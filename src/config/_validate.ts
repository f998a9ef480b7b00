// One value against one schema, with every issue as a finding at its own path.
import type { z } from "zod";
import { listKeys, quoteKey, type Finding, type Path } from "./_findings.ts";
import { describeIssue, toGivenText, toTypeText, unionMessage } from "./describe-issue.ts";
import { suggest } from "./_nearest.ts";
import { descriptionAt, keysAt } from "./_schema-walk.ts";

type Issue = z.core.$ZodIssue;

export interface Place {
  /** Where the value stands in the file. */
  readonly path: Path;
  /** Keys that are taken beside those of the schema, for suggestions. */
  readonly otherKeys?: readonly string[];
  /** What has these keys: "kind `http`". */
  readonly owner?: string;
  /** What to do about an unknown key of the value itself; a similar key is suggested when it knows nothing. */
  readonly adviseOn?: (key: string) => string | undefined;
}

/** Undefined when anything was found, which is then pushed to `findings`. */
export function validate<S extends z.ZodType>(
  schema: S,
  value: unknown,
  place: Place,
  findings: Finding[],
): z.output<S> | undefined {
  const result = schema.safeParse(value, { error: describeIssue, reportInput: true });
  if (result.success) {
    return result.data;
  }
  for (const issue of result.error.issues) {
    findings.push(...toFindings(issue, schema, place));
  }
  return undefined;
}

function toFindings(issue: Issue, schema: z.ZodType, place: Place): readonly Finding[] {
  const inner = toPath(issue.path);
  const path = [...place.path, ...inner];
  if (issue.code === "unrecognized_keys") {
    const known = [
      ...keysAt(schema, inner),
      ...(inner.length === 0 ? (place.otherKeys ?? []) : []),
    ];
    const { owner, adviseOn } = inner.length === 0 ? place : {};
    return issue.keys.map((key) => {
      const advice = adviseOn?.(key);
      const message =
        advice === undefined
          ? describeUnknownKey(key, known, owner)
          : `is not known here; ${advice}`;
      return { path: [...path, key], code: "unknown_key", message, atKey: true };
    });
  }
  if (issue.code === "invalid_key") {
    return [{ path, code: "invalid", message: issue.message, atKey: true }];
  }
  if (isAboutValue(issue) && (issue.input === undefined || issue.input === null)) {
    return [describeAbsent(issue, schema, inner, path)];
  }
  if (issue.code === "invalid_union" && issue.message === unionMessage) {
    const branches = flattenBranches(issue.errors);
    const branch = chooseBranch(branches);
    if (branch === undefined) {
      return [{ path, code: "invalid", message: mergeBranches(branches, issue.input) }];
    }
    return branch.flatMap((one) =>
      toFindings({ ...one, path: [...issue.path, ...one.path] }, schema, place),
    );
  }
  const isUnsafe = issue.code === "custom" && issue.params?.["code"] === "unsafe";
  return [{ path, code: isUnsafe ? "unsafe" : "invalid", message: issue.message }];
}

/** Keys of one path are texts and numbers; zod also allows symbols, which no file can hold. */
function toPath(path: readonly PropertyKey[]): Path {
  return path.map((step) => (typeof step === "symbol" ? String(step) : step));
}

function describeUnknownKey(
  key: string,
  known: readonly string[],
  owner: string | undefined,
): string {
  const wrong = owner === undefined ? "is not known here" : `is not an option of ${owner}`;
  const hint = suggest(key, known);
  if (hint !== "" || known.length === 0) {
    return `${wrong}${hint === "" ? "; remove it" : hint}`;
  }
  const verb = known.length === 1 ? "is" : "are";
  return `${wrong}; known ${verb} ${listKeys(known.toSorted(), "and")}`;
}

function isAboutValue(issue: Issue): boolean {
  const { code } = issue;
  return (
    code === "invalid_type" ||
    code === "invalid_value" ||
    (code === "invalid_union" && !("discriminator" in issue))
  );
}

function describeAbsent(issue: Issue, schema: z.ZodType, inner: Path, path: Path): Finding {
  const key = inner.at(-1);
  const isKey = typeof key === "string";
  const description = descriptionAt(schema, inner);
  const meaning = description === undefined ? "" : ` (${description.replace(/\.$/, "")})`;
  if (issue.input === null) {
    const advice = isKey ? `write a value after \`:\`${meaning}` : "write a value";
    return { path, code: "missing", message: `is empty; ${advice}` };
  }
  const advice = isKey ? `add ${quoteKey(`${key}:`)}${meaning}` : "add it";
  return { path, code: "missing", message: `is missing; ${advice}` };
}

/** A union in a union is one union. */
function flattenBranches(branches: readonly (readonly Issue[])[]): readonly (readonly Issue[])[] {
  return branches.flatMap((issues) => {
    const [only, ...others] = issues;
    const isUnion = only?.code === "invalid_union" && only.message === unionMessage;
    return isUnion && only.path.length === 0 && others.length === 0
      ? flattenBranches(only.errors)
      : [issues];
  });
}

/** The branch that the value was most likely meant for: its type fits, and it has the fewest mistakes inside. */
function chooseBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const fitting = branches.filter((issues) => !issues.some(isWrongType));
  return fitting.toSorted((a, b) => a.length - b.length)[0];
}

function isWrongType(issue: Issue): boolean {
  return issue.path.length === 0 && isAboutValue(issue);
}

/** "must be text or a list, not a number": no branch takes this type of value. */
function mergeBranches(branches: readonly (readonly Issue[])[], input: unknown): string {
  const accepted = new Set<string>();
  let isFraction = false;
  for (const one of branches.flat()) {
    if (one.code === "invalid_type") {
      accepted.add(toTypeText(one.expected));
      isFraction ||= one.expected === "int" && typeof input === "number";
    } else if (one.code === "invalid_value") {
      one.values.forEach((value) => accepted.add(quoteKey(String(value))));
    } else {
      return one.message;
    }
  }
  const texts = [...accepted];
  const last = texts.pop() ?? "something else";
  const list = texts.length === 0 ? last : `${texts.join(", ")} or ${last}`;
  const isSameType = isFraction || accepted.has(toGivenText(input)) || list.includes("`");
  return isSameType ? `must be ${list}` : `must be ${list}, not ${toGivenText(input)}`;
}
