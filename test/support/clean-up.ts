type Release = () => Promise<void>;

const releases: Release[] = [];

/** Runs after the last test of the file, last registered first. */
export function releaseAfterFile(release: Release): void {
  releases.push(release);
}

/** Releases what the file that ends now has registered. */
export async function releaseAll(): Promise<void> {
  const failures: unknown[] = [];
  // One after the other: processes must be gone before the database and the Redis that they use.
  for (const release of releases.splice(0).reverse()) {
    await release().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw new AggregateError(failures, 'What the tests started could not all be released');
}
