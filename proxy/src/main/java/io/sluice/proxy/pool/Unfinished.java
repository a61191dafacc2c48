package io.sluice.proxy.pool;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What a process still runs, and which changes that takes into account.
 *
 * @param revisions up to which it has followed, by pool; of others it has no backends
 * @param running only what is not zero
 */
public record Unfinished(Map<String, Long> revisions, List<Running> running) {
    public static final Unfinished NOTHING = new Unfinished(Map.of(), List.of());

    public Unfinished {
        revisions = Map.copyOf(revisions);
        running = List.copyOf(running);
    }

    /** Requests on one incarnation of a backend. */
    public record Running(String pool, String backend, long incarnation, long inFlight) {
        private boolean isOn(Running other) {
            return pool.equals(other.pool) && backend.equals(other.backend) && incarnation == other.incarnation;
        }
    }

    /** What runs on that incarnation; empty unless that revision of its pool is taken into account. */
    OptionalLong inFlight(String pool, String backend, long incarnation, long revision) {
        Long followed = revisions.get(pool);
        if (followed != null && followed < revision) {
            return OptionalLong.empty();
        }
        Running wanted = new Running(pool, backend, incarnation, 0);
        return OptionalLong.of(running.stream()
                .filter(each -> each.isOn(wanted))
                .mapToLong(Running::inFlight)
                .sum());
    }

    /** Both together: only what both take into account is. */
    Unfinished plus(Unfinished other) {
        Map<String, Long> least = new HashMap<>(revisions);
        other.revisions.forEach((pool, revision) -> least.merge(pool, revision, Math::min));
        return new Unfinished(
                least, Stream.concat(running.stream(), other.running.stream()).toList());
    }

    /** As if it had followed nothing yet. */
    Unfinished behind() {
        Map<String, Long> none = new HashMap<>(revisions);
        none.replaceAll((pool, revision) -> -1L);
        return new Unfinished(none, running);
    }
}
