package io.sluice.proxy.api;

import java.util.List;

/**
 * What came of reading the settings file again.
 *
 * @param changed whether anything but what needs a restart is different from before
 * @param dryRun whether it was only looked at
 * @param changes pools and routes that changed, such as {@code pools.webhooks}
 * @param needsRestart keys that differ from those the process runs with and have no effect before it starts anew
 */
public record ReloadResult(
        boolean changed, boolean dryRun, long routesRevision, List<String> changes, List<String> needsRestart) {
    public ReloadResult {
        changes = List.copyOf(changes);
        needsRestart = List.copyOf(needsRestart);
    }
}
