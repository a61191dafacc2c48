package io.sluice.service.admin;

import java.util.Optional;

/** Whether a program can do its work now; asked for each {@code /readyz}, on an event loop, so it must not block. */
@FunctionalInterface
public interface Readiness {
    /** Why not, in a few words that are safe to show to anybody; empty when ready. */
    Optional<String> notReadyBecause();
}
