package io.sluice.proxy.pool;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.api.Origin;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is wished of one pool at one revision: the durable part of it. Immutable; the writer computes the next from this one.
 *
 * @param epoch the highest rollout epoch seen
 * @param minInService the floor as set; absent means all but one, at least one
 * @param origin where its settings come from
 * @param settings everything else, as a file says it
 * @param retired the last incarnation of ids that are gone, so that one that returns is told from its former self
 */
record PoolState(
        String pool,
        long revision,
        long epoch,
        @Nullable Integer minInService,
        List<String> acceptedConfiguration,
        List<BackendState> backends,
        Map<String, Long> retired,
        Origin origin,
        ObjectNode settings) {

    private static final int MAX_RETIRED = 1_000;

    PoolState {
        acceptedConfiguration = List.copyOf(acceptedConfiguration);
        backends = List.copyOf(backends);
        retired = Collections.unmodifiableMap(new LinkedHashMap<>(retired));
        // An earlier version did not keep these two.
        origin = Objects.requireNonNullElse(origin, Origin.FILE);
        settings = Objects.requireNonNullElseGet(settings, JsonNodeFactory.instance::objectNode);
    }

    static PoolState empty(String pool) {
        return new PoolState(
                pool, 0, 0, null, List.of(), List.of(), Map.of(), Origin.FILE, JsonNodeFactory.instance.objectNode());
    }

    /** The state that a file describes, before anything was changed through the API. */
    static PoolState first(PoolSettings settings) {
        List<BackendState> backends = new ArrayList<>();
        for (BackendSettings backend : settings.backends()) {
            backends.add(BackendState.of(backend, 1, List.of()));
        }
        return empty(settings.name())
                .withRevision(1)
                .withMinInService(settings.minInService())
                .withBackends(backends, Map.of());
    }

    /** The floor in force. */
    int floor() {
        return minInService == null ? Math.max(1, backends.size() - 1) : minInService;
    }

    Optional<BackendState> backend(String id) {
        return backends.stream().filter(backend -> backend.id().equals(id)).findFirst();
    }

    long nextIncarnation(String id) {
        return backend(id).map(BackendState::incarnation).orElse(retired.getOrDefault(id, 0L)) + 1;
    }

    PoolState withRevision(long newRevision) {
        return new PoolState(
                pool, newRevision, epoch, minInService, acceptedConfiguration, backends, retired, origin, settings);
    }

    PoolState withEpoch(long newEpoch) {
        return new PoolState(
                pool, revision, newEpoch, minInService, acceptedConfiguration, backends, retired, origin, settings);
    }

    PoolState withMinInService(@Nullable Integer count) {
        return new PoolState(pool, revision, epoch, count, acceptedConfiguration, backends, retired, origin, settings);
    }

    PoolState withAccepted(Collection<String> hashes) {
        return new PoolState(
                pool, revision, epoch, minInService, List.copyOf(hashes), backends, retired, origin, settings);
    }

    /** Replaces the backend of that id in its place, or appends it. */
    PoolState with(BackendState backend) {
        Map<String, BackendState> byId = new LinkedHashMap<>();
        backends.forEach(each -> byId.put(each.id(), each));
        byId.put(backend.id(), backend);
        Map<String, Long> gone = new LinkedHashMap<>(retired);
        gone.remove(backend.id());
        return withBackends(byId.values(), gone);
    }

    PoolState without(String id) {
        return backend(id).map(backend -> without(id, backend.incarnation())).orElse(this);
    }

    /** Without the id whose last incarnation that was, even if it came and went meanwhile. */
    PoolState without(String id, long incarnation) {
        Map<String, Long> gone = new LinkedHashMap<>(retired);
        gone.remove(id);
        gone.put(id, incarnation);
        if (gone.size() > MAX_RETIRED) {
            gone.remove(gone.keySet().iterator().next());
        }
        List<BackendState> rest =
                backends.stream().filter(backend -> !backend.id().equals(id)).toList();
        return withBackends(rest, gone);
    }

    PoolState withSettings(Origin newOrigin, ObjectNode document) {
        return new PoolState(
                pool,
                revision,
                epoch,
                minInService,
                acceptedConfiguration,
                backends,
                retired,
                newOrigin,
                Document.canonical(document));
    }

    private PoolState withBackends(Collection<BackendState> all, Map<String, Long> gone) {
        return new PoolState(
                pool, revision, epoch, minInService, acceptedConfiguration, List.copyOf(all), gone, origin, settings);
    }

    Document document() {
        return new Document(pool, origin, settings);
    }
}
