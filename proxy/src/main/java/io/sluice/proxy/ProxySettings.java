package io.sluice.proxy;

import io.sluice.proxy.listener.ListenerSettings;
import io.sluice.proxy.observe.AccessLogSettings;
import io.sluice.proxy.route.RateLimitZone;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.service.admin.AdminSettings;
import io.sluice.service.log.LogSettings;
import io.sluice.service.settings.SettingsDocument;
import io.sluice.service.settings.SettingsReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One proxy.
 *
 * @param registration where instances can register besides the admin port; absent: nowhere
 * @param dataFolder of its journal; two proxies cannot share one
 * @param documents what it was read from; absent when it was made by a program
 */
public record ProxySettings(
        ListenerSettings listener,
        AdminSettings admin,
        @Nullable AdminSettings registration,
        List<ConfiguredPool> pools,
        List<RouteSettings> routes,
        AccessLogSettings accessLog,
        Path dataFolder,
        LogSettings log,
        @Nullable FileDocuments documents) {
    /** A variable {@code SLUICE_PROXY_LISTENER_PORT} overrides the key {@code listener.port}. */
    public static final String ENVIRONMENT_PREFIX = "SLUICE_PROXY";

    /** Where the admin token comes from, if not from the file; also with {@code _FILE}. */
    public static final String TOKEN_VARIABLE = "SLUICE_PROXY_TOKEN";

    public static final int DEFAULT_ADMIN_PORT = 9500;
    public static final int DEFAULT_REGISTRATION_PORT = 9501;

    /** More instances than pools take by default keep a connection each. */
    private static final int DEFAULT_REGISTRATION_CONNECTIONS = 1_024;

    /** A registration is a hundred bytes. */
    private static final long MAX_REGISTRATION_BYTES = 64L << 10;

    private static final String DEFAULT_DATA = "data/proxy";

    public ProxySettings {
        pools = List.copyOf(pools);
        routes = List.copyOf(routes);
    }

    /** Those that a program makes. */
    public ProxySettings(
            ListenerSettings listener,
            AdminSettings admin,
            List<ConfiguredPool> pools,
            List<RouteSettings> routes,
            AccessLogSettings accessLog,
            Path dataFolder,
            LogSettings log) {
        this(listener, admin, null, pools, routes, accessLog, dataFolder, log, null);
    }

    /**
     * Reads a settings file. Blocks.
     *
     * @throws io.sluice.service.settings.InvalidSettingsException with everything that is wrong
     */
    public static ProxySettings read(Path file, Map<String, String> environment) {
        SettingsDocument document = SettingsDocument.read(file, environment, ENVIRONMENT_PREFIX);
        ProxySettings settings = read(document.root());
        document.finish();
        FileDocuments documents = FileDocuments.of(document.root().effective(), file, environment);
        return new ProxySettings(
                settings.listener,
                settings.admin,
                settings.registration,
                settings.pools,
                settings.routes,
                settings.accessLog,
                settings.dataFolder,
                settings.log,
                documents);
    }

    /** Reads {@code listener}, {@code admin}, {@code registration}, {@code pools}, {@code rate-limits}, {@code routes}, {@code access-log}, {@code data} and {@code log}. */
    static ProxySettings read(SettingsReader root) {
        List<ConfiguredPool> pools = new ArrayList<>();
        root.entries("pools").forEach((name, section) -> pools.add(ConfiguredPool.read(name, section)));
        return new ProxySettings(
                ListenerSettings.read(root.section("listener")),
                AdminSettings.read(root.section("admin"), DEFAULT_ADMIN_PORT, TOKEN_VARIABLE),
                registration(root),
                pools,
                routes(root, pools),
                AccessLogSettings.read(root.section("access-log")),
                // Relative to where the process runs, not to the file: the file may be mounted read-only.
                Path.of(root.text("data", DEFAULT_DATA)),
                LogSettings.read(root.section("log")),
                null);
    }

    private static @Nullable AdminSettings registration(SettingsReader root) {
        SettingsReader reader = root.section("registration");
        if (!root.has("registration") && !reader.has("host")) {
            return null;
        }
        return new AdminSettings(
                reader.requiredText("host"),
                reader.integer("port", DEFAULT_REGISTRATION_PORT, 0, 65_535),
                List.of(),
                null,
                MAX_REGISTRATION_BYTES,
                reader.integer("max-connections", DEFAULT_REGISTRATION_CONNECTIONS, 1, 100_000),
                AdminSettings.DEFAULT_REQUEST_TIMEOUT);
    }

    private static List<RouteSettings> routes(SettingsReader root, List<ConfiguredPool> pools) {
        RouteChecks checks =
                new RouteChecks(pools.stream().map(pool -> pool.pool().name()).toList());
        Map<String, RateLimitZone> zones = rateLimits(root);
        List<RouteSettings> routes = new ArrayList<>();
        for (SettingsReader reader : root.items("routes")) {
            RouteSettings route = RouteSettings.read(reader, zones);
            checks.check(reader, route);
            routes.add(route);
        }
        return routes;
    }

    static Map<String, RateLimitZone> rateLimits(SettingsReader root) {
        Map<String, RateLimitZone> zones = new LinkedHashMap<>();
        root.entries("rate-limits").forEach((name, section) -> zones.put(name, RateLimitZone.read(name, section)));
        return zones;
    }

    public ProxySettings withAdmin(AdminSettings changed) {
        return new ProxySettings(listener, changed, registration, pools, routes, accessLog, dataFolder, log, documents);
    }
}
