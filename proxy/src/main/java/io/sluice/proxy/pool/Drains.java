package io.sluice.proxy.pool;

import io.sluice.proxy.api.DrainOperation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The drains of all pools. Written by the writer alone. */
final class Drains {
    private final Map<String, Drain> all = new ConcurrentHashMap<>();
    private final List<Drain> running = new ArrayList<>();
    private final Predecessor predecessor;

    Drains(Predecessor predecessor) {
        this.predecessor = predecessor;
    }

    Optional<Drain> find(String id) {
        return Optional.ofNullable(all.get(id));
    }

    /** Whether drains may be running that this process has not started. */
    boolean hasPredecessor() {
        return predecessor != Predecessor.NONE;
    }

    Drain start(DrainOperation operation, @Nullable Backend backend) {
        Drain drain = Drain.started(operation, backend, predecessor);
        all.put(operation.id(), drain);
        running.add(drain);
        return drain;
    }

    /** Takes in one that another process of this proxy has started, ended or not. */
    void restore(DrainOperation ended) {
        all.put(ended.id(), Drain.past(ended));
    }

    void forget(List<String> ids) {
        ids.forEach(all::remove);
    }

    /** Those that have not ended, of these. */
    List<Drain> running(Predicate<Drain> which) {
        return running.stream().filter(which).toList();
    }

    Optional<Instant> nextDeadline() {
        return running.stream().map(Drain::deadline).min(Instant::compareTo);
    }

    /** Ends it, unless it has ended; returns whether it did. */
    boolean end(Drain drain, DrainOperation as) {
        boolean first = running.remove(drain);
        if (first) {
            drain.end(as);
        }
        return first;
    }
}
