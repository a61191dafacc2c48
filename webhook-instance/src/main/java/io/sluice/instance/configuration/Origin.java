package io.sluice.instance.configuration;

import java.time.Instant;

/** Where a configuration came from, and when it became the running one. */
public record Origin(Source source, Instant since) {
    /** How a configuration got here; lower-case in answers. */
    public enum Source {
        /** The files an instance starts with while it has nothing of its own. */
        SEED_FILES,
        PUSH,
        RESTORE,
        /** What was pushed last cannot be read or cannot run, so an earlier one does. */
        LAST_KNOWN_GOOD
    }
}
