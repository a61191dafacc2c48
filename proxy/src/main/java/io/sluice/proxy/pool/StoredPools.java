package io.sluice.proxy.pool;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.JournalEntryView;
import io.sluice.service.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the journal says about pools, kept up to date with it: at start by replaying, later by {@link #take}. Belongs to the
 * writer's thread, but for {@link #entries}.
 */
final class StoredPools {
    /** Entries of a pool that stay listed; older ones go when the journal is compacted. */
    private static final int MAX_ENTRIES = 1_000;
    /** Ended drains of a pool that can still be asked for, besides those of holds that are there. */
    private static final int MAX_ENDED_DRAINS = 256;

    private final Map<String, PoolState> states = new LinkedHashMap<>();
    private final Map<String, Deque<JournalEntryView>> entries = new LinkedHashMap<>();
    private final Map<String, DrainOperation> drains = new LinkedHashMap<>();
    private final List<String> gaps = new ArrayList<>();
    private @Nullable List<PoolRecord.FilePool> file;

    static StoredPools recover(PoolStore.Recovered recovered) {
        StoredPools stored = new StoredPools();
        stored.gaps.addAll(recovered.gaps());
        recovered.records().forEach(stored::readRecord);
        return stored;
    }

    private void readRecord(byte[] json) {
        try {
            take(Json.read(json, PoolRecord.class));
        } catch (UncheckedIOException | IllegalArgumentException e) {
            gaps.add("entry is not readable and was skipped: " + subject(json));
        }
    }

    private static String subject(byte[] json) {
        try {
            JsonNode entry = Json.mapper().readTree(json).path("entry");
            return entry.path("pool").asText("?") + " revision "
                    + entry.path("toRevision").asText("?");
        } catch (IOException e) {
            return "not JSON";
        }
    }

    /** Makes one entry part of it. */
    void take(PoolRecord record) {
        if (record instanceof PoolRecord.Changed changed) {
            String pool = changed.entry().pool();
            states.put(pool, after(states.getOrDefault(pool, PoolState.empty(pool)), changed));
            list(changed.entry());
            changed.drains().forEach(drain -> drains.put(drain.id(), drain));
        } else if (record instanceof PoolRecord.DrainEnded ended) {
            drains.put(ended.drain().id(), ended.drain());
        } else if (record instanceof PoolRecord.FileApplied applied) {
            file = applied.pools();
        } else if (record instanceof PoolRecord.PoolDropped dropped) {
            states.remove(dropped.pool());
        } else if (record instanceof PoolRecord.Compacted everything) {
            everything.pools().forEach(state -> states.put(state.pool(), state));
            everything.entries().forEach(this::list);
            everything.drains().forEach(drain -> drains.put(drain.id(), drain));
            file = everything.file();
        }
    }

    private static PoolState after(PoolState before, PoolRecord.Changed changed) {
        PoolState state = before;
        for (Map.Entry<String, Long> removed : changed.after().removed().entrySet()) {
            state = state.without(removed.getKey(), removed.getValue());
        }
        for (BackendState backend : changed.after().backends()) {
            state = state.with(backend.asDurable());
        }
        return state.withEpoch(changed.after().epoch())
                .withMinInService(changed.after().minInService())
                .withAccepted(changed.after().acceptedConfiguration())
                .withRevision(changed.entry().toRevision());
    }

    private void list(JournalEntryView entry) {
        synchronized (entries) {
            Deque<JournalEntryView> of = entries.computeIfAbsent(entry.pool(), pool -> new ArrayDeque<>());
            of.addLast(entry);
            if (of.size() > MAX_ENTRIES) {
                of.removeFirst();
            }
        }
    }

    /** The newest entries of a pool, newest first; any thread. */
    List<JournalEntryView> entries(String pool, int limit) {
        synchronized (entries) {
            List<JournalEntryView> newest = new ArrayList<>();
            entries.getOrDefault(pool, new ArrayDeque<>()).descendingIterator().forEachRemaining(entry -> {
                if (newest.size() < limit) {
                    newest.add(entry);
                }
            });
            return newest;
        }
    }

    Optional<PoolState> state(String pool) {
        return Optional.ofNullable(states.get(pool));
    }

    List<PoolState> states() {
        return List.copyOf(states.values());
    }

    List<String> gaps() {
        return List.copyOf(gaps);
    }

    Optional<List<PoolRecord.FilePool>> file() {
        return Optional.ofNullable(file);
    }

    List<DrainOperation> drains() {
        return List.copyOf(drains.values());
    }

    /** Drops ended drains that are too many, oldest first, and returns their ids. */
    List<String> forgetOldDrains() {
        Set<String> wanted = states.values().stream()
                .flatMap(state -> state.backends().stream())
                .flatMap(backend -> backend.holds().stream())
                .map(BackendState.Hold::operation)
                .collect(Collectors.toSet());
        List<String> ended = drains.values().stream()
                .filter(drain -> drain.state().isFinal() && !wanted.contains(drain.id()))
                .map(DrainOperation::id)
                .toList();
        List<String> surplus = ended.subList(0, Math.max(0, ended.size() - MAX_ENDED_DRAINS));
        surplus.forEach(drains::remove);
        return surplus;
    }

    PoolRecord compacted() {
        synchronized (entries) {
            return new PoolRecord.Compacted(
                    List.copyOf(states.values()),
                    entries.values().stream().flatMap(Deque::stream).toList(),
                    List.copyOf(drains.values()),
                    file);
        }
    }
}
