package io.sluice.proxy.pool;

import io.sluice.proxy.api.JournalEntryView;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.pool.FileConflictException.Conflict;
import io.sluice.proxy.pool.PoolRecord.FilePool;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Merges three descriptions of the pools: the file as it was last taken in, the file as it is now, and the live state. What only one side
 * changed is taken from it, field by field; what both changed alike is agreed; what both changed differently is a conflict. Holds,
 * accepted configurations and epochs are never in a file and stay.
 */
final class FileMerge {
    private static final String AUTHOR = "file";
    private static final String ABSENT = "absent";

    private final StoredPools stored;
    private final Instant now;
    private final List<Conflict> conflicts = new ArrayList<>();
    private final List<PoolRecord> records = new ArrayList<>();

    private FileMerge(StoredPools stored, Instant now) {
        this.stored = stored;
        this.now = now;
    }

    /**
     * What has to be journalled to take in the file; empty when it changed nothing.
     *
     * @throws FileConflictException with every conflict
     */
    static List<PoolRecord> merge(StoredPools stored, List<PoolSettings> file, Instant now) {
        return new FileMerge(stored, now).merge(file);
    }

    private List<PoolRecord> merge(List<PoolSettings> settings) {
        List<FilePool> file = settings.stream().map(FilePool::of).toList();
        List<FilePool> base = stored.file().orElse(List.of());
        Set<String> named = new LinkedHashSet<>();
        for (FilePool pool : file) {
            named.add(pool.name());
            mergePool(find(base, pool.name()), pool);
        }
        stored.states().stream()
                .map(PoolState::pool)
                .filter(name -> !named.contains(name))
                .sorted()
                .forEach(name -> dropPool(name, find(base, name)));
        if (!conflicts.isEmpty()) {
            throw new FileConflictException(conflicts);
        }
        if (!stored.file().equals(Optional.of(file))) {
            records.add(new PoolRecord.FileApplied(file));
        }
        return records;
    }

    private static @Nullable FilePool find(List<FilePool> pools, String name) {
        return pools.stream()
                .filter(pool -> pool.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private void mergePool(@Nullable FilePool base, FilePool file) {
        PoolState live = stored.state(file.name()).orElse(null);
        PoolState from = live == null ? PoolState.empty(file.name()) : live;
        Map<String, BackendSettings> before = byId(base);
        Map<String, BackendSettings> after = byId(file);
        Set<String> ids = new LinkedHashSet<>(after.keySet());
        ids.addAll(before.keySet());
        PoolState merged = from;
        for (String id : ids) {
            merged = mergeBackend(merged, id, before.get(id), after.get(id));
        }
        String floorKey = "pools." + file.name() + ".min-in-service";
        merged = merged.withMinInService(
                merge(floorKey, base == null ? null : base.minInService(), file.minInService(), from.minInService()));
        if (live == null || !merged.equals(from)) {
            records.add(changed(from, merged.withRevision(from.revision() + 1)));
        }
    }

    private PoolState mergeBackend(
            PoolState state, String id, @Nullable BackendSettings base, @Nullable BackendSettings file) {
        BackendState live = state.backend(id).orElse(null);
        String key = "pools." + state.pool() + ".backends." + id;
        if (Objects.equals(base, file) || (file == null && live == null)) {
            return state;
        }
        if (file == null) {
            return removed(state, key, Objects.requireNonNull(base), Objects.requireNonNull(live));
        }
        if (live == null) {
            if (base != null) {
                conflicts.add(new Conflict(key, describe(file), describe(base), ABSENT));
                return state;
            }
            return state.with(BackendState.of(file, state.nextIncarnation(id), List.of()));
        }
        return state.with(merged(key, base, file, live, state.nextIncarnation(id)));
    }

    /** Field by field. */
    private BackendState merged(
            String key, @Nullable BackendSettings base, BackendSettings file, BackendState live, long nextIncarnation) {
        BackendSettings now = settings(live);
        BackendSettings merged = new BackendSettings(
                live.id(),
                Objects.requireNonNull(merge(key + ".address", base, file, now, BackendSettings::address)),
                merge(key + ".admin-url", base, file, now, BackendSettings::adminUrl),
                Objects.requireNonNull(merge(key + ".weight", base, file, now, BackendSettings::weight)),
                Objects.requireNonNull(merge(key + ".backup", base, file, now, BackendSettings::backup)),
                merge(key + ".max-in-flight", base, file, now, BackendSettings::maxInFlight));
        boolean stays = merged.address().equals(live.address());
        return BackendState.of(merged, stays ? live.incarnation() : nextIncarnation, live.holds());
    }

    private <T> @Nullable T merge(
            String key,
            @Nullable BackendSettings base,
            BackendSettings file,
            BackendSettings live,
            Function<BackendSettings, @Nullable T> field) {
        return merge(key, base == null ? null : field.apply(base), field.apply(file), field.apply(live));
    }

    private PoolState removed(PoolState state, String key, BackendSettings base, BackendState live) {
        if (!settings(live).equals(base)) {
            conflicts.add(new Conflict(key, ABSENT, describe(base), describe(settings(live))));
        } else if (live.isHeld()) {
            String holds = String.join(
                    ", ", live.holds().stream().map(hold -> hold.view().name()).toList());
            conflicts.add(new Conflict(key, ABSENT, describe(base), "held by " + holds));
        }
        return state.without(live.id());
    }

    private void dropPool(String name, @Nullable FilePool base) {
        PoolState live = stored.state(name).orElseThrow();
        List<BackendSettings> backends =
                live.backends().stream().map(FileMerge::settings).toList();
        boolean untouched = base != null
                && byId(new FilePool(name, null, backends)).equals(byId(base))
                && Objects.equals(base.minInService(), live.minInService())
                && live.backends().stream().noneMatch(BackendState::isHeld);
        if (untouched) {
            records.add(new PoolRecord.PoolDropped(name));
        } else {
            String was = base == null ? "unknown" : base.backends().size() + " backends";
            conflicts.add(new Conflict("pools." + name, ABSENT, was, "changed, revision " + live.revision()));
        }
    }

    private <T> @Nullable T merge(String key, @Nullable T base, @Nullable T file, @Nullable T live) {
        if (Objects.equals(base, file) || Objects.equals(file, live)) {
            return live;
        }
        if (!Objects.equals(base, live)) {
            conflicts.add(new Conflict(key, describe(file), describe(base), describe(live)));
        }
        return file;
    }

    private PoolRecord changed(PoolState before, PoolState after) {
        JournalEntryView entry = new JournalEntryView(
                after.pool(),
                before.revision(),
                after.revision(),
                now,
                AUTHOR,
                before.revision() == 0 ? "first start" : "settings file changed",
                null,
                changes(before, after));
        return new PoolRecord.Changed(entry, PoolRecord.AfterImage.of(before, after), List.of());
    }

    private static List<PoolChange> changes(PoolState before, PoolState after) {
        List<PoolChange> changes = new ArrayList<>();
        for (BackendState backend : before.backends()) {
            if (after.backend(backend.id()).isEmpty()) {
                changes.add(new PoolChange.RemoveBackend(backend.id(), false));
            }
        }
        for (BackendState backend : after.backends()) {
            if (!before.backends().contains(backend)) {
                changes.add(new PoolChange.PutBackend(
                        backend.id(),
                        backend.address(),
                        backend.adminUrl(),
                        backend.weight(),
                        backend.backup(),
                        backend.maxInFlight()));
            }
        }
        if (!Objects.equals(before.minInService(), after.minInService())) {
            changes.add(new PoolChange.SetMinInService(after.floor()));
        }
        return changes;
    }

    private static Map<String, BackendSettings> byId(@Nullable FilePool pool) {
        Map<String, BackendSettings> byId = new LinkedHashMap<>();
        if (pool != null) {
            pool.backends().forEach(backend -> byId.put(backend.id(), backend));
        }
        return byId;
    }

    private static BackendSettings settings(BackendState state) {
        return new BackendSettings(
                state.id(), state.address(), state.adminUrl(), state.weight(), state.backup(), state.maxInFlight());
    }

    private static String describe(@Nullable Object value) {
        if (value instanceof BackendSettings backend) {
            return backend.address() + " weight " + backend.weight();
        }
        return value == null ? ABSENT : value.toString();
    }
}
