/** The paths of all properties in a JSON Schema, at any depth, that have no description. */
export function findUndescribed(schema: unknown, at = ""): string[] {
  if (typeof schema !== "object" || schema === null) {
    return [];
  }
  const missing: string[] = [];
  for (const [key, part] of Object.entries(schema)) {
    if (key === "properties" && typeof part === "object" && part !== null) {
      for (const [name, property] of Object.entries(part)) {
        const path = `${at}.${name}`;
        const isDescribed =
          typeof property === "object" && property !== null && "description" in property;
        missing.push(...(isDescribed ? [] : [path]), ...findUndescribed(property, path));
      }
    } else {
      missing.push(...findUndescribed(part, at));
    }
  }
  return missing;
}
