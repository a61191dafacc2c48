package io.sluice.proxy;

import io.sluice.proxy.balance.BalanceSettings;
import io.sluice.proxy.discovery.DiscoverySettings;
import io.sluice.proxy.health.HealthSettings;
import io.sluice.proxy.pool.BackendAddress;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.PoolLimits;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.SlowStart;
import io.sluice.proxy.registration.RegistrationSettings;
import io.sluice.proxy.sticky.StickySettings;
import io.sluice.proxy.tls.BackendTlsSettings;
import io.sluice.service.settings.SettingsReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pool as the file describes it.
 *
 * @param health how its backends are checked
 * @param balance how one of them is chosen
 * @param sticky binds clients to backends; absent when nothing does
 * @param slowStart how a backend that comes in gets its share; absent: at once
 * @param tls between proxy and backends; absent: none
 * @param http2 whether backends are spoken to in HTTP/2
 * @param discovery the DNS name whose addresses are backends; absent: none
 * @param registration who may register; absent: nobody
 */
public record ConfiguredPool(
        PoolSettings pool,
        HealthSettings health,
        BalanceSettings balance,
        @Nullable StickySettings sticky,
        @Nullable SlowStart slowStart,
        @Nullable BackendTlsSettings tls,
        boolean http2,
        @Nullable DiscoverySettings discovery,
        @Nullable RegistrationSettings registration) {
    /** How it is written in the file. */
    private enum Protocol {
        HTTP1,
        H2,
        H2C
    }

    private static final int MAX_BACKENDS = 10_000;
    private static final int MOST_WAITING = 1_000_000;

    /** A pool with every default. */
    public ConfiguredPool(PoolSettings pool, HealthSettings health) {
        this(pool, health, BalanceSettings.DEFAULT, null, null, null, false, null, null);
    }

    /** A pool whose backends speak HTTP/1.1. */
    public ConfiguredPool(
            PoolSettings pool,
            HealthSettings health,
            BalanceSettings balance,
            @Nullable StickySettings sticky,
            @Nullable SlowStart slowStart,
            @Nullable BackendTlsSettings tls) {
        this(pool, health, balance, sticky, slowStart, tls, false, null, null);
    }

    /**
     * Reads one entry of {@code pools}: {@code min-in-service}, {@code drain-timeout}, {@code ignore-health-when-none-left}, {@code
     * panic-threshold}, {@code max-in-flight}, {@code queue-limit}, {@code balance} and {@code hash-on}, the sections {@code sticky}, {@code
     * slow-start}, {@code tls}, {@code discover}, {@code registration}, {@code protocol}, {@code health} and {@code backends}, in which each entry has {@code address}, {@code admin-url}, {@code weight}, {@code
     * backup} and {@code max-in-flight}.
     */
    static ConfiguredPool read(String name, SettingsReader reader) {
        HealthSettings health = HealthSettings.read(reader.section("health"));
        List<BackendSettings> backends = new ArrayList<>();
        for (Map.Entry<String, SettingsReader> entry :
                reader.entries("backends").entrySet()) {
            backends.add(backend(entry.getKey(), entry.getValue()));
        }
        DiscoverySettings discovery = DiscoverySettings.read(reader).orElse(null);
        RegistrationSettings registration = RegistrationSettings.read(reader).orElse(null);
        boolean fixed = discovery == null && registration == null;
        boolean ignoreHealth = reader.flag("ignore-health-when-none-left", true);
        PoolSettings pool = new PoolSettings(
                name,
                backends,
                floor(reader, fixed ? backends.size() : MAX_BACKENDS),
                reader.duration("drain-timeout", PoolSettings.DEFAULT_DRAIN_TIMEOUT, Duration.ZERO),
                ignoreHealth,
                health.probes().on(),
                limits(reader, ignoreHealth));
        return new ConfiguredPool(
                pool,
                health,
                BalanceSettings.read(reader),
                StickySettings.read(reader.section("sticky")).orElse(null),
                SlowStart.read(reader.section("slow-start")).orElse(null),
                BackendTlsSettings.read(reader),
                http2(reader),
                discovery,
                registration);
    }

    private static boolean http2(SettingsReader reader) {
        Protocol protocol = reader.choice("protocol", Protocol.class, Protocol.HTTP1);
        boolean tls = reader.has("tls");
        if (protocol == Protocol.H2 && !tls) {
            reader.problem("protocol", "h2", "h2c, or a section tls beside it");
        } else if (protocol == Protocol.H2C && tls) {
            reader.problem("protocol", "h2c", "h2 beside a section tls");
        }
        return protocol != Protocol.HTTP1;
    }

    /** What is left when its state says the rest. */
    ConfiguredPool withoutBackends() {
        PoolSettings bare = new PoolSettings(
                pool.name(),
                List.of(),
                null,
                pool.drainTimeout(),
                pool.ignoreHealthWhenNoneLeft(),
                pool.waitForFirstPass(),
                pool.limits());
        return new ConfiguredPool(bare, health, balance, sticky, slowStart, tls, http2, discovery, registration);
    }

    private static PoolLimits limits(SettingsReader reader, boolean ignoreHealth) {
        int threshold = reader.integer("panic-threshold", 0, 0, 100);
        if (threshold > 0 && !ignoreHealth) {
            reader.problem("panic-threshold", threshold, "0 with ignore-health-when-none-left: false");
        }
        return new PoolLimits(
                maxInFlight(reader),
                reader.integer("queue-limit", PoolLimits.DEFAULT_QUEUE_LIMIT, 0, MOST_WAITING),
                threshold);
    }

    private static @Nullable Integer maxInFlight(SettingsReader reader) {
        String key = "max-in-flight";
        return reader.has(key) ? (Integer) reader.integer(key, 1, 1, BackendSettings.MOST_IN_FLIGHT) : null;
    }

    private static @Nullable Integer floor(SettingsReader reader, int backends) {
        String key = "min-in-service";
        int most = Math.max(1, Math.min(backends, MAX_BACKENDS));
        return reader.has(key) ? (Integer) reader.integer(key, 1, 1, most) : null;
    }

    private static BackendSettings backend(String id, SettingsReader reader) {
        String address = reader.requiredText("address");
        if (BackendAddress.parse(address).isEmpty()) {
            if (!address.isEmpty()) {
                reader.problem("address", address, "host:port");
            }
            address = "localhost:1";
        }
        return new BackendSettings(
                id,
                address,
                reader.optionalText("admin-url").orElse(null),
                reader.integer("weight", 1, 1, BackendSettings.MAX_WEIGHT),
                reader.flag("backup", false),
                maxInFlight(reader));
    }
}
