package io.sluice.proxy.pool;

import java.util.List;

/** The settings file and the admin API changed the same things differently; neither is undone silently. */
public final class FileConflictException extends RuntimeException {
    private final transient List<Conflict> conflicts;

    /**
     * One thing on which they differ.
     *
     * @param key where in the file, such as {@code pools.webhooks.backends.webhook-3.weight}
     * @param file what the file says
     * @param base what the file said when it was last taken in
     * @param live what it is now, by the API
     */
    public record Conflict(String key, String file, String base, String live) {
        @Override
        public String toString() {
            return key + ": the file says " + file + " (it said " + base + "), the API made it " + live;
        }
    }

    FileConflictException(List<Conflict> conflicts) {
        super("the settings file and changes made through the API contradict each other: "
                + String.join("; ", conflicts.stream().map(Conflict::toString).toList()));
        this.conflicts = List.copyOf(conflicts);
    }

    public List<Conflict> conflicts() {
        return conflicts;
    }
}
