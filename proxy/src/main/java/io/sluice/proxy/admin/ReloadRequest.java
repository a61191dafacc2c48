package io.sluice.proxy.admin;

import io.sluice.proxy.pool.Prefer;

/**
 * Has the settings file read again.
 *
 * @param prefer whose word counts where file and API contradict each other
 * @param dryRun whether it is only to be looked at
 */
public record ReloadRequest(Prefer prefer, boolean dryRun, String author, String reason) {}
