package io.sluice.proxy.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.sluice.proxy.api.BreakerState;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** The series of one pool, which go when it does. */
final class PoolMeters {
    private final MeterRegistry registry;
    private final BackendPool pool;
    private final List<Meter> meters = new ArrayList<>();
    private final Counter passedProbes;
    private final Counter failedProbes;
    private final Counter ejections;
    private final Map<Health, Counter> flips;
    private final Map<BreakerState, Counter> breaker;
    private final Timer waits;
    private final Counter timeouts;
    private final Counter refusals;
    private final Counter pingTimeouts;

    PoolMeters(MeterRegistry registry, BackendPool pool) {
        this.registry = registry;
        this.pool = pool;
        gauge(
                "sluice.proxy.pool.revision",
                "The pool's revision.",
                each -> each.snapshot().revision());
        gauge(
                "sluice.proxy.pool.in.service",
                "Eligible backends.",
                each -> each.snapshot().inService());
        gauge("sluice.proxy.pool.in.flight", "Requests and tunnels on the pool's backends.", PoolMeters::inFlight);
        gauge("sluice.proxy.pool.waiting", "Requests that wait for a backend.", BackendPool::waiting);
        gauge(
                "sluice.proxy.pool.panic",
                "1 while health is overlooked, because heeding it would leave nobody.",
                each -> each.snapshot().isPanicking() ? 1 : 0);
        passedProbes = counter("sluice.proxy.probes", "Active checks.", "outcome", "passed");
        failedProbes = counter("sluice.proxy.probes", "Active checks.", "outcome", "failed");
        ejections = counter("sluice.proxy.ejections", "Backends put aside by passive checks.");
        flips = counters(
                Health.class,
                "sluice.proxy.health.flips",
                "Changes of a backend's health by active checks, by the new one.");
        breaker = counters(
                BreakerState.class,
                "sluice.proxy.breaker.transitions",
                "Moves of a backend's breaker, by the new state.");
        waits = Latency.timer("sluice.proxy.queue.wait", "How long requests waited for a backend, whatever came of it.")
                .tag("pool", pool.name())
                .register(registry);
        meters.add(waits);
        timeouts = counter("sluice.proxy.queue.timeouts", "Requests that waited for a backend in vain.");
        refusals = counter("sluice.proxy.queue.full", "Requests that could not wait, because too many did.");
        pingTimeouts = counter(
                "sluice.proxy.upstream.ping.timeouts",
                "HTTP/2 connections that were given up because the backend answered no PING.");
    }

    private static double inFlight(BackendPool pool) {
        return pool.snapshot().backends().stream().mapToLong(Backend::inFlight).sum();
    }

    private void gauge(String name, String description, ToDoubleFunction<BackendPool> value) {
        meters.add(Gauge.builder(name, pool, value)
                .description(description)
                .tag("pool", pool.name())
                .register(registry));
    }

    private Counter counter(String name, String description, String... tags) {
        Counter counter = Counter.builder(name)
                .description(description)
                .tag("pool", pool.name())
                .tags(tags)
                .register(registry);
        meters.add(counter);
        return counter;
    }

    private <E extends Enum<E>> Map<E, Counter> counters(Class<E> states, String name, String description) {
        Map<E, Counter> counters = new EnumMap<>(states);
        for (E state : states.getEnumConstants()) {
            counters.put(state, counter(name, description, "to", state.name().toLowerCase(Locale.ROOT)));
        }
        return counters;
    }

    boolean isOf(BackendPool other) {
        return pool == other;
    }

    void countProbe(boolean passed) {
        (passed ? passedProbes : failedProbes).increment();
    }

    void countFlip(Health to) {
        Objects.requireNonNull(flips.get(to)).increment();
    }

    void countEjection() {
        ejections.increment();
    }

    void countBreaker(BreakerState to) {
        Objects.requireNonNull(breaker.get(to)).increment();
    }

    void countWait(long nanos) {
        waits.record(nanos, TimeUnit.NANOSECONDS);
    }

    void countQueueTimeout() {
        timeouts.increment();
    }

    void countQueueFull() {
        refusals.increment();
    }

    void countPingTimeout() {
        pingTimeouts.increment();
    }

    void remove() {
        meters.forEach(registry::remove);
    }
}
