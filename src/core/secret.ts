import { inspect } from "node:util";

/** Where a secret's value is kept: never in the configuration itself. */
export type SecretPlace = { readonly env: string } | { readonly file: string };

/**
 * A value that must not be seen: it prints as `[secret]` wherever it is logged, inspected or turned into JSON.
 * The configuration resolves it once after validation; `reveal` is called only where the value is used.
 */
export class Secret {
  readonly place: SecretPlace;
  #value: string | undefined;

  constructor(place: SecretPlace) {
    this.place = place;
  }

  resolve(value: string): void {
    this.#value = value;
  }

  /** Throws when the configuration has not resolved it, which is a mistake in the program. */
  reveal(): string {
    if (this.#value === undefined) {
      throw new Error(`the secret at ${JSON.stringify(this.place)} was not resolved`);
    }
    return this.#value;
  }

  /** True for the same place and the same value, so that a reload notices a changed secret. */
  equals(other: Secret): boolean {
    return (
      this.#value === other.#value && JSON.stringify(this.place) === JSON.stringify(other.place)
    );
  }

  toString(): string {
    return "[secret]";
  }

  /** The place may be shown, the value never. */
  toJSON(): SecretPlace {
    return this.place;
  }

  [inspect.custom](): string {
    return "[secret]";
  }
}
