package io.sluice.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.registration.RegistrationSettings;
import io.sluice.proxy.sticky.StickySettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sections of a settings file that are changed while the proxy runs, as they were read: with what the environment says in its place, and without
 * secrets.
 */
final class FileDocuments {
    private static final String POOLS = "pools";
    private static final String ROUTES = "routes";
    private static final String RATE_LIMITS = "rate-limits";

    private final Map<String, ObjectNode> pools;
    private final Map<String, ObjectNode> routes;
    private final ObjectNode rateLimits;
    private final ObjectNode rest;
    private final @Nullable Path folder;
    private final Map<String, String> secrets;

    private FileDocuments(
            Map<String, ObjectNode> pools,
            Map<String, ObjectNode> routes,
            ObjectNode rateLimits,
            ObjectNode rest,
            @Nullable Path folder,
            Map<String, String> secrets) {
        this.pools = pools;
        this.routes = routes;
        this.rateLimits = rateLimits;
        this.rest = rest;
        this.folder = folder;
        this.secrets = secrets;
    }

    /** Takes a valid file apart. */
    static FileDocuments of(ObjectNode root, Path file, Map<String, String> environment) {
        Map<String, ObjectNode> pools = new LinkedHashMap<>();
        root.path(POOLS).fields().forEachRemaining(pool -> pools.put(pool.getKey(), withoutSecret(pool.getValue())));
        Map<String, ObjectNode> routes = new LinkedHashMap<>();
        for (JsonNode route : root.path(ROUTES)) {
            routes.put(route.path("name").asText(), (ObjectNode) route);
        }
        Map<String, String> secrets = new LinkedHashMap<>(environment);
        secrets.keySet()
                .removeIf(name -> !name.startsWith(StickySettings.SECRET_VARIABLE)
                        && !name.startsWith(RegistrationSettings.TOKEN_VARIABLE));
        ObjectNode rest = root.deepCopy();
        JsonNode limits = root.path(RATE_LIMITS);
        return new FileDocuments(
                pools,
                routes,
                limits instanceof ObjectNode zones ? zones : JsonNodeFactory.instance.objectNode(),
                rest.without(List.of(POOLS, ROUTES, RATE_LIMITS)),
                file.toAbsolutePath().getParent(),
                secrets);
    }

    /** The secret of a cookie stays where it is: in the file. */
    private static ObjectNode withoutSecret(JsonNode pool) {
        ObjectNode copy = pool.deepCopy();
        if (copy.get("sticky") instanceof ObjectNode sticky) {
            sticky.remove("secret");
        }
        return copy;
    }

    Map<String, ObjectNode> pools() {
        return pools;
    }

    Map<String, ObjectNode> routes() {
        return routes;
    }

    ObjectNode rateLimits() {
        return rateLimits;
    }

    /** Everything else. May hold secrets. */
    ObjectNode rest() {
        return rest;
    }

    /** Where relative paths in documents start. */
    @Nullable
    Path folder() {
        return folder;
    }

    /** Variables with secrets that documents may need. */
    Map<String, String> secrets() {
        return secrets;
    }
}
