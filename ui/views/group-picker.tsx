import type { JSX } from "preact";
import { usePage } from "../page.ts";
import { toFragment } from "../route.ts";

/** Of which group of requests the charts are; the choice is part of the address. */
export function GroupPicker({
  groups,
}: {
  readonly groups: readonly string[];
}): JSX.Element | null {
  const { route } = usePage();
  const { group } = route.value;
  const listed = groups.filter((one) => one !== "").toSorted();
  const choices = group === undefined || listed.includes(group) ? listed : [group, ...listed];
  if (choices.length === 0) {
    return null;
  }
  return (
    <select
      class="group-picker"
      aria-label="Group"
      value={group ?? ""}
      onChange={(event) => {
        const { value } = event.currentTarget;
        location.hash = toFragment(route.peek(), { group: value === "" ? undefined : value });
      }}
    >
      <option value="">all groups</option>
      {choices.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
  );
}
