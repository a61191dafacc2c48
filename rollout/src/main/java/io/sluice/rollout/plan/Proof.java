package io.sluice.rollout.plan;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What shows that one {@link Step} was reached; {@code at} is when it was seen. */
public sealed interface Proof {
    Instant at();

    /**
     * The instance answered and its pre-image is stored.
     *
     * @param inheritedHolds holds that finished rollouts left on it, which this one takes over
     */
    record Prechecked(PreImage preImage, String status, List<String> inheritedHolds, Instant at) implements Proof {
        public Prechecked {
            inheritedHolds = List.copyOf(inheritedHolds);
        }
    }

    /** The hold is durable since {@code revision}; {@code inFlight} requests were running then. */
    record Held(String hold, String operation, long revision, long inFlight, String bootId, Instant at)
            implements Proof {}

    /** The proxy's drain ended; {@code cut} requests were broken off for it, which is always 0. */
    record Latched(String operation, long revision, Instant startedAt, Instant finishedAt, long cut, Instant at)
            implements Proof {}

    /** The instance has nothing in flight. */
    record InstanceDrained(long inFlight, List<String> holders, Instant at) implements Proof {
        public InstanceDrained {
            holders = List.copyOf(holders);
        }
    }

    /** The change was answered; {@code changed} is false when the instance ran it already. */
    record Applied(String oldHash, String newHash, boolean changed, Instant at) implements Proof {}

    /** The instance itself reports this hash. */
    record Verified(String hash, long generation, Instant at) implements Proof {}

    /** Our drain is gone; {@code otherHolders} still keep the instance drained. */
    record Undrained(List<String> otherHolders, Instant at) implements Proof {
        public Undrained {
            otherHolders = List.copyOf(otherHolders);
        }
    }

    /** {@code passed} of {@code probes} probes passed. */
    record Healthy(int passed, int probes, Instant at) implements Proof {}

    /** The hold is gone since {@code revision}; {@code successes} is the proxy's count for the instance at that moment. */
    record Released(long revision, long successes, Instant at) implements Proof {}

    /** First success after the return. {@code keptOutBy} names what else keeps it out of the pool. */
    record InService(FirstSuccess by, @Nullable String keptOutBy, Instant at) implements Proof {}

    /** Still in service after the settling time. */
    record Settled(Instant at) implements Proof {}

    /** Where the first success came from. */
    enum FirstSuccess {
        TRAFFIC,
        PROBE
    }
}
