package io.sluice.proxy;

import io.sluice.proxy.health.HealthSettings;
import io.sluice.proxy.pool.BackendAddress;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.service.settings.SettingsReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A pool as the file describes it, with the checks of its backends. */
public record ConfiguredPool(PoolSettings pool, HealthSettings health) {
    private static final int MAX_BACKENDS = 10_000;

    /**
     * Reads one entry of {@code pools}: {@code min-in-service}, {@code drain-timeout}, {@code ignore-health-when-none-left}, the sections
     * {@code health} and {@code backends}, in which each entry has {@code address}, {@code admin-url} and {@code weight}.
     */
    static ConfiguredPool read(String name, SettingsReader reader) {
        HealthSettings health = HealthSettings.read(reader.section("health"));
        List<BackendSettings> backends = new ArrayList<>();
        for (Map.Entry<String, SettingsReader> entry :
                reader.entries("backends").entrySet()) {
            backends.add(backend(entry.getKey(), entry.getValue()));
        }
        PoolSettings pool = new PoolSettings(
                name,
                backends,
                floor(reader, backends.size()),
                reader.duration("drain-timeout", PoolSettings.DEFAULT_DRAIN_TIMEOUT, Duration.ZERO),
                reader.flag("ignore-health-when-none-left", true),
                health.active());
        return new ConfiguredPool(pool, health);
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
                reader.integer("weight", 1, 1, BackendSettings.MAX_WEIGHT));
    }
}
