package io.sluice.proxy.pool;

import io.sluice.proxy.api.BackendSource;
import io.sluice.proxy.api.PoolChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * Takes backends out of a pool without anybody having decided so: all together, and where that is refused one after the other, so that as many go as may.
 * Holds and the pool's floor stand above it.
 */
public final class Withdrawal {
    private final Function<ChangeRequest, CompletableFuture<ChangeResult>> changes;
    private final BackendSource source;
    private final String pool;
    private final String author;
    private final String reason;

    /**
     * What came of it.
     *
     * @param gone the ids of those that drain now
     * @param kept why the others stay, by id
     */
    public record Outcome(List<String> gone, Map<String, String> kept) {
        public Outcome {
            gone = List.copyOf(gone);
            kept = Map.copyOf(kept);
        }
    }

    /**
     * Of backends with one source.
     *
     * @param changes makes a change, such as {@link Pools#change(ChangeRequest)}
     */
    public Withdrawal(
            Function<ChangeRequest, CompletableFuture<ChangeResult>> changes,
            BackendSource source,
            String pool,
            String author,
            String reason) {
        this.changes = changes;
        this.source = source;
        this.pool = pool;
        this.author = author;
        this.reason = reason;
    }

    /** Never fails. */
    public CompletableFuture<Outcome> of(List<String> ids) {
        if (ids.isEmpty()) {
            return CompletableFuture.completedFuture(new Outcome(List.of(), Map.of()));
        }
        return remove(ids).handle((done, failure) -> failure).thenCompose(failure -> {
            if (failure == null) {
                return CompletableFuture.completedFuture(new Outcome(ids, Map.of()));
            }
            return ids.size() > 1 && isAboutOne(failure)
                    ? oneByOne(ids, 0, new ArrayList<>(), new LinkedHashMap<>())
                    : CompletableFuture.completedFuture(outcome(ids, failure));
        });
    }

    private CompletableFuture<ChangeResult> remove(List<String> ids) {
        List<PoolChange> removals = ids.stream()
                .<PoolChange>map(id -> new PoolChange.RemoveBackend(id, false))
                .toList();
        return changes.apply(ChangeRequest.of(source, pool, removals, author, reason));
    }

    private static boolean isAboutOne(Throwable failure) {
        return rootOf(failure) instanceof ChangeRefusedException refused
                && refused.refusal() != Refusal.JOURNAL_UNAVAILABLE
                && refused.refusal() != Refusal.OUTCOME_UNKNOWN;
    }

    private CompletableFuture<Outcome> oneByOne(
            List<String> ids, int index, List<String> gone, Map<String, String> kept) {
        if (index == ids.size()) {
            return CompletableFuture.completedFuture(new Outcome(gone, kept));
        }
        List<String> one = List.of(ids.get(index));
        return remove(one).handle((done, failure) -> failure).thenCompose(failure -> {
            Outcome outcome = failure == null ? new Outcome(one, Map.of()) : outcome(one, failure);
            gone.addAll(outcome.gone());
            kept.putAll(outcome.kept());
            return oneByOne(ids, index + 1, gone, kept);
        });
    }

    private static Outcome outcome(List<String> ids, Throwable failure) {
        Throwable root = rootOf(failure);
        if (root instanceof ChangeRefusedException refused && refused.refusal() == Refusal.UNKNOWN_BACKEND) {
            return new Outcome(ids, Map.of());
        }
        Map<String, String> kept = new LinkedHashMap<>();
        String why = root instanceof ChangeRefusedException refused
                ? refused.details().get(0).text()
                : String.valueOf(root.getMessage());
        ids.forEach(id -> kept.put(id, why));
        return new Outcome(List.of(), kept);
    }

    private static Throwable rootOf(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
