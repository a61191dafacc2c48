package io.sluice.proxy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.pool.Document;
import io.sluice.proxy.pool.FileContents;
import io.sluice.proxy.pool.RoutesState;
import io.sluice.proxy.route.RouteSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one reading of the file, as documents and as what they mean. A program that made its settings itself has documents that only say
 * whether they are the same; these are never read.
 */
final class SettingsSide {
    private static final String DESCRIBED = "described";

    private final ProxySettings settings;
    private final FileContents contents;

    SettingsSide(ProxySettings settings) {
        this.settings = settings;
        FileDocuments documents = settings.documents();
        this.contents = FileContents.of(
                settings.pools().stream().map(ConfiguredPool::pool).toList(),
                documents == null ? describedPools(settings) : documents.pools(),
                documents == null ? JsonNodeFactory.instance.objectNode() : documents.rateLimits(),
                documents == null ? describedRoutes(settings) : documents.routes());
    }

    private static Map<String, ObjectNode> describedPools(ProxySettings settings) {
        Map<String, ObjectNode> pools = new LinkedHashMap<>();
        for (ConfiguredPool pool : settings.pools()) {
            pools.put(pool.pool().name(), described(pool.withoutBackends().toString()));
        }
        return pools;
    }

    private static Map<String, ObjectNode> describedRoutes(ProxySettings settings) {
        Map<String, ObjectNode> routes = new LinkedHashMap<>();
        settings.routes().forEach(route -> routes.put(route.name(), described(route.toString())));
        return routes;
    }

    private static ObjectNode described(String text) {
        return JsonNodeFactory.instance.objectNode().put(DESCRIBED, text);
    }

    ProxySettings settings() {
        return settings;
    }

    FileContents contents() {
        return contents;
    }

    /** What the file means by a pool, if this is how it says it. */
    Optional<ConfiguredPool> pool(Document document) {
        boolean same = contents.settingsOf(document.name())
                .filter(mine -> mine.equals(document.settings()))
                .isPresent();
        return same ? configured(document.name()) : Optional.empty();
    }

    private Optional<ConfiguredPool> configured(String name) {
        return settings.pools().stream()
                .filter(pool -> pool.pool().name().equals(name))
                .findFirst();
    }

    /** What the file means by a route, if this is how it says it. */
    Optional<RouteSettings> route(Document document, RoutesState routes) {
        boolean same = contents.rateLimits().equals(routes.rateLimits())
                && contents.route(document.name())
                        .filter(mine -> mine.settings().equals(document.settings()))
                        .isPresent();
        return same
                ? settings.routes().stream()
                        .filter(route -> route.name().equals(document.name()))
                        .findFirst()
                : Optional.empty();
    }

    /** The secret that the file gives the cookie of a pool; absent when it gives none. */
    @Nullable
    String cookieSecret(String pool) {
        return configured(pool)
                .map(ConfiguredPool::sticky)
                .map(sticky -> sticky.secret() == null ? null : sticky.secret().reveal())
                .orElse(null);
    }

    @Nullable
    Path folder() {
        return settings.documents() == null ? null : settings.documents().folder();
    }

    Map<String, String> secrets() {
        return settings.documents() == null ? Map.of() : settings.documents().secrets();
    }
}
