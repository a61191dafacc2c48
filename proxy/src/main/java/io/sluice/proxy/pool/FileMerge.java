package io.sluice.proxy.pool;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.api.Origin;
import io.sluice.proxy.pool.FileContents.FilePool;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Merges three descriptions of pools and routes: the file as it was last taken in, the file as it is now, and the live state; see {@link
 * ThreeWay}. Holds, accepted configurations and epochs are never in a file and stay.
 */
final class FileMerge {
    private final @Nullable FileContents base;
    private final FileContents file;
    private final Wishes live;
    private final ThreeWay values;

    /** @param base absent when it was never taken in, or nobody knows any more */
    FileMerge(@Nullable FileContents base, FileContents file, Wishes live, Prefer prefer) {
        this.base = base;
        this.file = file;
        this.live = live;
        this.values = new ThreeWay(prefer);
    }

    /**
     * What is to be; revisions are those of the live state.
     *
     * @throws FileConflictException with every conflict
     */
    Wishes merge() {
        List<PoolState> pools = new ArrayList<>();
        for (FilePool pool : file.pools()) {
            pools.add(mergePool(basePool(pool.name()), pool));
        }
        for (PoolState state : live.pools()) {
            if (file.pool(state.pool()).isEmpty() && !isDropped(state, basePool(state.pool()))) {
                pools.add(state.withSettings(Origin.API, state.settings()));
            }
        }
        RoutesState routes = new RoutesMerge(values, base, file, live.routes()).merge();
        if (!values.conflicts().isEmpty()) {
            throw new FileConflictException(values.conflicts());
        }
        return new Wishes(pools, routes);
    }

    private @Nullable FilePool basePool(String name) {
        return base == null ? null : base.pool(name).orElse(null);
    }

    private PoolState mergePool(@Nullable FilePool was, FilePool inFile) {
        String key = "pools." + inFile.name();
        PoolState state = live.pool(inFile.name()).orElse(null);
        PoolState merged = state == null ? PoolState.empty(inFile.name()) : state;
        Map<String, BackendSettings> before = byId(was);
        Map<String, BackendSettings> after = byId(inFile);
        Set<String> ids = new LinkedHashSet<>(after.keySet());
        ids.addAll(before.keySet());
        for (String id : ids) {
            merged = mergeBackend(merged, id, before.get(id), after.get(id));
        }
        Integer floor = values.merge(
                key + ".min-in-service",
                was == null ? null : was.minInService(),
                inFile.minInService(),
                merged.minInService());
        ObjectNode settings = state == null
                ? inFile.settings()
                : values.merge(key, was == null ? null : was.settings(), inFile.settings(), state.settings());
        Origin origin = Document.canonical(settings).equals(inFile.settings()) ? Origin.FILE : Origin.API;
        return merged.withMinInService(floor).withSettings(origin, settings);
    }

    private PoolState mergeBackend(
            PoolState state, String id, @Nullable BackendSettings was, @Nullable BackendSettings inFile) {
        BackendState inUse = state.backend(id).orElse(null);
        String key = "pools." + state.pool() + ".backends." + id;
        if (Objects.equals(was, inFile) || (inFile == null && inUse == null)) {
            return state;
        }
        if (inFile == null) {
            return removed(state, key, Objects.requireNonNull(was), Objects.requireNonNull(inUse));
        }
        if (inUse == null) {
            return was != null && !values.fileWins(key, inFile, was, null)
                    ? state
                    : state.with(BackendState.of(inFile, state.nextIncarnation(id), List.of()));
        }
        return state.with(merged(key, was, inFile, inUse, state.nextIncarnation(id)));
    }

    /** Field by field. */
    private BackendState merged(
            String key, @Nullable BackendSettings was, BackendSettings inFile, BackendState live, long next) {
        BackendSettings now = settings(live);
        BackendSettings merged = new BackendSettings(
                live.id(),
                Objects.requireNonNull(merge(key + ".address", was, inFile, now, BackendSettings::address)),
                merge(key + ".admin-url", was, inFile, now, BackendSettings::adminUrl),
                Objects.requireNonNull(merge(key + ".weight", was, inFile, now, BackendSettings::weight)),
                Objects.requireNonNull(merge(key + ".backup", was, inFile, now, BackendSettings::backup)),
                merge(key + ".max-in-flight", was, inFile, now, BackendSettings::maxInFlight));
        boolean stays = merged.address().equals(live.address());
        return BackendState.of(merged, stays ? live.incarnation() : next, live.holds());
    }

    private <T> @Nullable T merge(
            String key,
            @Nullable BackendSettings was,
            BackendSettings inFile,
            BackendSettings live,
            Function<BackendSettings, @Nullable T> field) {
        return values.merge(key, was == null ? null : field.apply(was), field.apply(inFile), field.apply(live));
    }

    private PoolState removed(PoolState state, String key, BackendSettings was, BackendState inUse) {
        if (!settings(inUse).equals(was)) {
            return values.fileWins(key, null, was, settings(inUse)) ? state.without(inUse.id()) : state;
        }
        boolean goes = !inUse.isHeld() || values.fileWins(key, null, was, "held by " + holds(inUse));
        return goes ? state.without(inUse.id()) : state;
    }

    private static String holds(BackendState backend) {
        return String.join(
                ", ", backend.holds().stream().map(hold -> hold.view().name()).toList());
    }

    private boolean isDropped(PoolState state, @Nullable FilePool was) {
        if (was == null && state.origin() == Origin.API) {
            return false;
        }
        List<BackendSettings> backends = state.backends().stream()
                .filter(backend -> !backend.source().isDynamic())
                .map(FileMerge::settings)
                .toList();
        boolean untouched = was != null
                && Map.copyOf(byId(backends)).equals(byId(was.backends()))
                && Objects.equals(was.minInService(), state.minInService())
                && was.settings().equals(state.settings())
                && state.backends().stream().noneMatch(BackendState::isHeld);
        return untouched
                || values.fileWins(
                        "pools." + state.pool(),
                        null,
                        was == null ? "unknown" : was.backends().size() + " backends",
                        "changed, revision " + state.revision());
    }

    private static Map<String, BackendSettings> byId(@Nullable FilePool pool) {
        return byId(pool == null ? List.of() : pool.backends());
    }

    private static Map<String, BackendSettings> byId(List<BackendSettings> backends) {
        Map<String, BackendSettings> byId = new LinkedHashMap<>();
        backends.forEach(backend -> byId.put(backend.id(), backend));
        return byId;
    }

    private static BackendSettings settings(BackendState state) {
        return new BackendSettings(
                state.id(), state.address(), state.adminUrl(), state.weight(), state.backup(), state.maxInFlight());
    }
}
