package io.sluice.proxy.pool;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.api.Origin;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a settings file says of pools and routes. */
public record FileContents(List<FilePool> pools, ObjectNode rateLimits, List<Document> routes) {
    /** The part of a pool that a file decides. */
    record FilePool(String name, @Nullable Integer minInService, List<BackendSettings> backends, ObjectNode settings) {
        FilePool {
            backends = List.copyOf(backends);
            // An earlier version did not keep them.
            settings = settings == null ? JsonNodeFactory.instance.objectNode() : Document.canonical(settings);
        }
    }

    public FileContents {
        pools = List.copyOf(pools);
        rateLimits = Document.canonical(rateLimits);
        routes = List.copyOf(routes);
    }

    /**
     * A file's contents.
     *
     * @param documents of the pools by name; {@value Documents#BACKENDS} and {@value Documents#FLOOR} in them are overlooked
     */
    public static FileContents of(
            List<PoolSettings> pools,
            Map<String, ObjectNode> documents,
            ObjectNode rateLimits,
            Map<String, ObjectNode> routes) {
        ObjectNode nothing = JsonNodeFactory.instance.objectNode();
        return new FileContents(
                pools.stream()
                        .map(pool -> new FilePool(
                                pool.name(),
                                pool.minInService(),
                                pool.backends(),
                                Documents.withoutBackends(documents.getOrDefault(pool.name(), nothing))))
                        .toList(),
                rateLimits,
                routes.entrySet().stream()
                        .map(route -> new Document(route.getKey(), Origin.FILE, route.getValue()))
                        .toList());
    }

    static FileContents of(List<PoolSettings> pools) {
        return of(pools, Map.of(), JsonNodeFactory.instance.objectNode(), Map.of());
    }

    Optional<FilePool> pool(String name) {
        return pools.stream().filter(pool -> pool.name().equals(name)).findFirst();
    }

    /** What it says of a pool besides its backends and its floor. */
    public Optional<ObjectNode> settingsOf(String pool) {
        return pool(pool).map(FilePool::settings);
    }

    public Optional<Document> route(String name) {
        return routes.stream().filter(route -> route.name().equals(name)).findFirst();
    }
}
