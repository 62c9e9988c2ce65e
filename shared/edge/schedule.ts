/** How a schedule calls: whatever its event says, it is time. */
export function scheduled<Dependencies>(wire: () => Dependencies, run: (dependencies: Dependencies) => Promise<void>) {
  let wired: Dependencies | undefined;
  return async (): Promise<void> => run((wired ??= wire()));
}
