package io.sluice.proxy.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the DNS name of a pool was looked up.
 *
 * @param name what is looked up
 * @param addresses those of the last answer
 * @param lastAnswer when that came; absent while none has
 * @param lastFailure when a lookup last told nothing; absent while none has failed
 * @param failure why; absent while the newest lookup was answered
 * @param nextLookup when the name is looked up again; absent while it is
 * @param kept discovered backends that the last answers do not name
 */
public record DiscoveryView(
        String name,
        List<String> addresses,
        @Nullable Instant lastAnswer,
        @Nullable Instant lastFailure,
        @Nullable String failure,
        @Nullable Instant nextLookup,
        List<Kept> kept) {
    public DiscoveryView {
        addresses = List.copyOf(addresses);
        kept = List.copyOf(kept);
    }

    /** A backend that stays for the time being, and why. */
    public record Kept(String backend, String reason) {}
}
