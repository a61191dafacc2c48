package io.sluice.proxy.pool;

import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.JournalPage;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All pools of one proxy process, and the one way to change them. Thread-safe; futures complete on the writer's thread. */
public final class Pools implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Pools.class);

    private final List<BackendPool> pools;
    private final StoredPools stored;
    private final Drains drains;
    private final PoolStore store;
    private final PoolWriter writer;

    private Pools(List<BackendPool> pools, StoredPools stored, Drains drains, PoolStore store, PoolWriter writer) {
        this.pools = List.copyOf(pools);
        this.stored = stored;
        this.drains = drains;
        this.store = store;
        this.writer = writer;
    }

    /**
     * Brings back what the store holds, merges what the file changed since it was last taken in, and starts the writer. Blocks.
     *
     * @param file the pools as the file describes them now
     * @param clock wall clock, for journal entries and absolute deadlines
     * @param bootId names this process in every answer
     * @throws FileConflictException when the file and the API changed the same thing to different values
     */
    public static Pools open(List<PoolSettings> file, PoolStore store, Clock clock, String bootId) {
        StoredPools stored = StoredPools.recover(store.recovered());
        stored.gaps().forEach(gap -> LOG.warn("journal of pools is damaged, the rest is kept: {}", gap));
        Set<BackendKey> known = stored.states().stream()
                .flatMap(state -> state.backends().stream().map(backend -> BackendKey.of(state.pool(), backend)))
                .collect(Collectors.toSet());
        List<PoolRecord> merged = FileMerge.merge(stored, file, clock.instant());
        if (!merged.isEmpty()) {
            store.append(PoolRecord.encode(merged));
            merged.forEach(stored::take);
        }
        PoolWriter writer = new PoolWriter(store, stored, new Drains(), clock, bootId);
        List<BackendPool> pools = new ArrayList<>();
        for (PoolSettings settings : file) {
            pools.add(new BackendPool(
                    settings,
                    stored.state(settings.name()).orElseThrow(),
                    backend -> settings.waitForFirstPass() && !known.contains(BackendKey.of(settings.name(), backend)),
                    writer::backendIsQuiet));
        }
        writer.start(pools);
        return new Pools(pools, stored, writer.drains(), store, writer);
    }

    private record BackendKey(String pool, String id, long incarnation) {
        static BackendKey of(String pool, BackendState backend) {
            return new BackendKey(pool, backend.id(), backend.incarnation());
        }
    }

    /** In the order of the file. */
    public List<BackendPool> all() {
        return pools;
    }

    public Optional<BackendPool> pool(String name) {
        return pools.stream().filter(pool -> pool.name().equals(name)).findFirst();
    }

    public void addListener(PoolChangeListener listener) {
        pools.forEach(pool -> pool.addListener(listener));
    }

    /** Fails with {@link ChangeRefusedException} when the change was not made. */
    public CompletableFuture<ChangeResult> change(ChangeRequest request) {
        return writer.change(request);
    }

    /** A drain as it is now. */
    public Optional<DrainOperation> drain(String id) {
        return drains.find(id).map(Drain::view);
    }

    /** Completes when that drain has ended; at once when there is none. */
    public CompletableFuture<Void> drainEnded(String id) {
        return drains.find(id)
                .map(drain -> drain.ended().<Void>thenApply(end -> null))
                .orElseGet(() -> CompletableFuture.completedFuture(null));
    }

    /** The newest entries of a pool's journal. */
    public JournalPage journal(String pool, int limit) {
        return new JournalPage(stored.entries(pool, limit), gaps());
    }

    /** Damaged entries that were skipped at start, one line each; and that changes are not kept any more, if so. */
    public List<String> gaps() {
        List<String> gaps = new ArrayList<>(stored.gaps());
        readOnlyBecause().ifPresent(why -> gaps.add("read-only, holds are volatile: " + why));
        return gaps;
    }

    /** Why changes cannot be kept any more; empty while they can. */
    public Optional<String> readOnlyBecause() {
        return store.readOnlyBecause();
    }

    /** Makes the writer look at its deadlines now; for clocks that are not the system's. */
    void checkDeadlines() {
        writer.wake();
    }

    /** Finishes the changes that were taken, then closes the store. Blocks. */
    @Override
    public void close() {
        writer.close();
        store.close();
    }
}
