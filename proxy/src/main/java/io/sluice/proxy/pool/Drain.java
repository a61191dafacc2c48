package io.sluice.proxy.pool;

import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.DrainState;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One drain as this process sees it. The writer alone ends it, so that it ends once; anybody may look.
 */
final class Drain {
    private final DrainOperation start;
    private final @Nullable Backend backend;
    private final Predecessor predecessor;
    private final CompletableFuture<DrainOperation> ended = new CompletableFuture<>();

    private volatile @Nullable DrainOperation end;

    private Drain(DrainOperation start, @Nullable Backend backend, Predecessor predecessor) {
        this.start = start;
        this.backend = backend;
        this.predecessor = predecessor;
    }

    /** @param backend absent when this process does not have it (any more), but its predecessor may */
    static Drain started(DrainOperation start, @Nullable Backend backend, Predecessor predecessor) {
        return new Drain(start, backend, predecessor);
    }

    /** A drain that ended before; nothing of it runs in this process. */
    static Drain past(DrainOperation ended) {
        Drain drain = new Drain(ended, null, Predecessor.NONE);
        drain.end(ended);
        return drain;
    }

    /** As it is now. After a timeout {@code inFlight} goes on telling what runs; after any other end it is what it was then. */
    DrainOperation view() {
        DrainOperation now = end == null ? start : end;
        boolean live = !now.state().isFinal() || now.state() == DrainState.TIMED_OUT;
        return live ? copy(now, now.state(), inFlight(), now.remaining(), now.finishedAt()) : now;
    }

    /** What the end would look like if it were now. */
    DrainOperation endAs(DrainState state, Instant at) {
        long running = inFlight();
        return copy(start, state, running, state == DrainState.TIMED_OUT ? running : null, at);
    }

    void end(DrainOperation as) {
        end = as;
        if (backend != null && as.state() == DrainState.TIMED_OUT) {
            backend.drainTimedOut();
        }
        ended.complete(as);
    }

    /** Completes when it has ended, on the writer's thread. */
    CompletableFuture<DrainOperation> ended() {
        return ended.copy();
    }

    boolean isQuiet() {
        OptionalLong elsewhere = elsewhere();
        return (backend == null || backend.isQuiet()) && elsewhere.isPresent() && elsewhere.getAsLong() == 0;
    }

    Instant deadline() {
        return start.deadline();
    }

    private long inFlight() {
        return (backend == null ? 0 : backend.inFlight()) + elsewhere().orElse(0);
    }

    private OptionalLong elsewhere() {
        Unfinished known = predecessor.unfinished();
        return known == null
                ? OptionalLong.empty()
                : known.inFlight(start.pool(), start.backend(), start.incarnation(), start.revision());
    }

    static DrainOperation copy(
            DrainOperation of,
            DrainState state,
            long inFlight,
            @Nullable Long remaining,
            @Nullable Instant finishedAt) {
        return new DrainOperation(
                of.id(),
                of.pool(),
                of.backend(),
                of.hold(),
                of.incarnation(),
                of.revision(),
                state,
                inFlight,
                remaining,
                of.startedAt(),
                of.deadline(),
                finishedAt,
                of.bootId());
    }
}
