package io.sluice.proxy.pool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.JournalEntryView;
import io.sluice.proxy.api.Origin;
import io.sluice.proxy.api.RouteEntryView;
import io.sluice.service.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the journal says about pools and routes, kept up to date with it: at start by replaying, later by {@link #take}. Belongs to the
 * writer's thread, but for {@link #entries} and {@link #routeEntries}.
 */
final class StoredPools {
    /** Entries of a pool that stay listed; older ones go when the journal is compacted. */
    private static final int MAX_ENTRIES = 1_000;
    /** Ended drains of a pool that can still be asked for, besides those of holds that are there. */
    private static final int MAX_ENDED_DRAINS = 256;

    /** Pools that are gone and whose revision is remembered. */
    private static final int MAX_DROPPED = 1_000;

    private final Map<String, PoolState> states = new LinkedHashMap<>();
    private final Map<String, Deque<JournalEntryView>> entries = new LinkedHashMap<>();
    private final Map<String, DrainOperation> drains = new LinkedHashMap<>();
    private final List<String> gaps = new ArrayList<>();
    private final Deque<RouteEntryView> routeEntries = new ArrayDeque<>();
    /** So that a pool that returns goes on counting. */
    private final Map<String, Long> dropped = new LinkedHashMap<>();

    private RoutesState routes = RoutesState.NONE;
    private @Nullable FileContents file;

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
            dropped.remove(pool);
            list(changed.entry());
            changed.drains().forEach(drain -> drains.put(drain.id(), drain));
        } else if (record instanceof PoolRecord.DrainEnded ended) {
            drains.put(ended.drain().id(), ended.drain());
        } else if (record instanceof PoolRecord.FileApplied applied) {
            file = applied.contents();
        } else if (record instanceof PoolRecord.PoolDropped gone) {
            drop(gone);
        } else if (record instanceof PoolRecord.RoutesChanged changed) {
            routes = changed.after();
            list(changed.entry());
        } else if (record instanceof PoolRecord.Compacted everything) {
            everything.pools().forEach(state -> states.put(state.pool(), state));
            everything.entries().forEach(this::list);
            everything.drains().forEach(drain -> drains.put(drain.id(), drain));
            file = everything.contents();
            routes = everything.routes() == null ? RoutesState.NONE : everything.routes();
            Objects.requireNonNullElse(everything.routeEntries(), List.<RouteEntryView>of())
                    .forEach(this::list);
            dropped.putAll(Objects.requireNonNullElse(everything.dropped(), Map.of()));
        }
    }

    private void drop(PoolRecord.PoolDropped gone) {
        states.remove(gone.pool());
        dropped.remove(gone.pool());
        dropped.put(gone.pool(), gone.revision());
        if (dropped.size() > MAX_DROPPED) {
            dropped.remove(dropped.keySet().iterator().next());
        }
        synchronized (entries) {
            entries.remove(gone.pool());
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
        ObjectNode settings = changed.after().settings();
        Origin origin = changed.after().origin();
        if (settings != null && origin != null) {
            state = state.withSettings(origin, settings);
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

    private void list(RouteEntryView entry) {
        synchronized (entries) {
            routeEntries.addLast(entry);
            if (routeEntries.size() > MAX_ENTRIES) {
                routeEntries.removeFirst();
            }
        }
    }

    /** The newest entries about routes, newest first; any thread. */
    List<RouteEntryView> routeEntries(int limit) {
        synchronized (entries) {
            return newest(routeEntries, limit);
        }
    }

    private static <T> List<T> newest(Deque<T> all, int limit) {
        List<T> newest = new ArrayList<>();
        all.descendingIterator().forEachRemaining(entry -> {
            if (newest.size() < limit) {
                newest.add(entry);
            }
        });
        return newest;
    }

    /** The newest entries of a pool, newest first; any thread. */
    List<JournalEntryView> entries(String pool, int limit) {
        synchronized (entries) {
            return newest(entries.getOrDefault(pool, new ArrayDeque<>()), limit);
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

    RoutesState routes() {
        return routes;
    }

    /** What a pool of that name counts on from; 0 when there never was one. */
    long lastRevision(String pool) {
        return dropped.getOrDefault(pool, 0L);
    }

    Optional<FileContents> file() {
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
                    file == null ? null : file.pools(),
                    file == null ? null : file.rateLimits(),
                    file == null ? null : file.routes(),
                    routes,
                    List.copyOf(routeEntries),
                    new LinkedHashMap<>(dropped));
        }
    }
}
