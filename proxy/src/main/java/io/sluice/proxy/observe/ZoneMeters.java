package io.sluice.proxy.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.proxy.limit.RateLimiter;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The series of the zones of rate limits. One thread at a time. */
final class ZoneMeters {
    private final MeterRegistry registry;
    private final Map<RateLimiter, List<Meter>> followed = new HashMap<>();

    ZoneMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    void follow(Collection<RateLimiter> zones) {
        followed.entrySet().removeIf(each -> {
            boolean gone = !zones.contains(each.getKey());
            if (gone) {
                each.getValue().forEach(registry::remove);
            }
            return gone;
        });
        zones.forEach(zone -> followed.computeIfAbsent(zone, this::meters));
    }

    private List<Meter> meters(RateLimiter zone) {
        return List.of(
                count("sluice.proxy.rate.limit.refused", "Requests refused.", zone, RateLimiter::refused),
                count("sluice.proxy.rate.limit.delayed", "Requests held back.", zone, RateLimiter::delayed),
                count("sluice.proxy.rate.limit.forgotten", "Keys that made way.", zone, RateLimiter::forgotten));
    }

    private Meter count(String name, String description, RateLimiter zone, ToDoubleFunction<RateLimiter> value) {
        return FunctionCounter.builder(name, zone, value)
                .description(description)
                .tag("zone", zone.name())
                .register(registry);
    }
}
