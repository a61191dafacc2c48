package io.sluice.proxy.observe;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.proxy.api.BreakerState;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.forward.ExchangeObserver;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.forward.FinishedAttempt;
import io.sluice.proxy.forward.FinishedExchange;
import io.sluice.proxy.health.HealthObserver;
import io.sluice.proxy.limit.RateLimiter;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.PoolChangeListener;
import io.sluice.proxy.route.Route;
import io.sluice.proxy.route.RouteTable;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The proxy's meters. Those of routes, pools, zones and backends come and go with them. Thread-safe. */
public final class TrafficMetrics implements ExchangeObserver, HealthObserver {
    private final MeterRegistry registry;
    private final SeriesBudget budget = new SeriesBudget();
    private final BackendGauges backendGauges;
    private volatile RouteSeries routes;
    /** By incarnation, for the traffic path. */
    private final Map<Backend, BackendMeters> backends = new ConcurrentHashMap<>();

    @GuardedBy("this")
    private final Map<String, BackendMeters> byId = new HashMap<>();

    /** By name. */
    private final Map<String, PoolMeters> pools = new ConcurrentHashMap<>();

    private final ZoneMeters zoneMeters;
    private final Map<Failure, Counter> failures = new EnumMap<>(Failure.class);
    private final Map<Failure, Counter> retries = new EnumMap<>(Failure.class);
    private final Counter budgetExhausted;
    private final Counter freshConnections;
    private final Counter reusedConnections;
    private final Counter staleConnections;

    /** Of these routes and pools. */
    public TrafficMetrics(MeterRegistry registry, RouteTable table, List<BackendPool> followed) {
        this(registry);
        follow(table);
        followed.forEach(this::follow);
    }

    /** Of no routes and pools yet. */
    public TrafficMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.backendGauges = new BackendGauges(registry, budget);
        this.zoneMeters = new ZoneMeters(registry);
        this.routes = RouteSeries.NONE;
        for (Failure failure : Failure.values()) {
            failures.put(
                    failure, counter("sluice.proxy.failures", "Exchanges that failed.", "reason", failure.label()));
            retries.put(failure, counter("sluice.proxy.retries", "Further attempts.", "reason", failure.label()));
        }
        budgetExhausted = counter("sluice.proxy.retry.budget.exhausted", "Retries that the budget refused.");
        freshConnections =
                counter("sluice.proxy.upstream.connections", "Connections that attempts used.", "kind", "fresh");
        reusedConnections =
                counter("sluice.proxy.upstream.connections", "Connections that attempts used.", "kind", "reused");
        staleConnections = counter(
                "sluice.proxy.upstream.connections.stale",
                "Kept connections that were found closed before a response came.");
    }

    private Counter counter(String name, String description, String... tags) {
        return Counter.builder(name).description(description).tags(tags).register(registry);
    }

    /** Publishes a number that somebody else keeps. */
    public void gauge(String name, String description, DoubleSupplier value) {
        Gauge.builder(name, (Supplier<Number>) value::getAsDouble)
                .description(description)
                .register(registry);
    }

    /** The routes are others now; the series of those that are gone disappear. One thread at a time. */
    public void follow(RouteTable table) {
        routes = routes.of(table, registry, budget);
    }

    /** Publishes the counts of these zones of rate limits, and no others any more. One thread at a time. */
    public void follow(Collection<RateLimiter> zones) {
        zoneMeters.follow(zones);
    }

    /** Publishes the numbers of a pool that came. */
    public void follow(BackendPool pool) {
        forget(pool.name());
        pools.put(pool.name(), new PoolMeters(registry, pool));
        pool.addListener(new PoolFollower());
        pool.snapshot().backends().forEach(this::add);
    }

    /** Forgets a pool that went, with all its backends. */
    public void forget(BackendPool pool) {
        PoolMeters meters = pools.get(pool.name());
        if (meters != null && meters.isOf(pool)) {
            forget(pool.name());
            pool.snapshot().backends().forEach(this::remove);
            forgetShared(pool.name());
        }
    }

    private void forgetShared(String pool) {
        backendGauges.forget(pool);
        budget.forget(pool);
        for (Meter meter : registry.getMeters()) {
            Meter.Id id = meter.getId();
            if (pool.equals(id.getTag("pool"))
                    && (SeriesBudget.OTHER.equals(id.getTag("backend"))
                            || SeriesBudget.OTHER.equals(id.getTag("route")))) {
                registry.remove(meter);
            }
        }
    }

    private void forget(String pool) {
        PoolMeters meters = pools.remove(pool);
        if (meters != null) {
            meters.remove();
        }
    }

    private synchronized void add(Backend backend) {
        BackendMeters meters = byId.computeIfAbsent(
                key(backend), first -> new BackendMeters(registry, budget, backendGauges, backend));
        meters.takeOver(backend);
        backends.put(backend, meters);
    }

    private synchronized void remove(Backend backend) {
        BackendMeters meters = backends.remove(backend);
        if (meters != null && meters.isAbout(backend)) {
            byId.remove(key(backend));
            meters.remove();
        }
    }

    private static String key(Backend backend) {
        return backend.pool() + '/' + backend.id();
    }

    @Override
    public void attemptEnded(FinishedAttempt attempt) {
        (attempt.reusedConnection() ? reusedConnections : freshConnections).increment();
        Failure failure = attempt.failure();
        if (failure == Failure.STALE_CONNECTION || failure == Failure.CONNECTION_LOST_UNSENT) {
            staleConnections.increment();
        }
        BackendMeters meters = backends.get(attempt.backend());
        if (meters != null) {
            meters.count(attempt);
        }
    }

    @Override
    public void retried(Failure because) {
        Objects.requireNonNull(retries.get(because)).increment();
    }

    @Override
    public void retryBudgetExhausted() {
        budgetExhausted.increment();
    }

    @Override
    public void queued(String pool, long nanos) {
        PoolMeters meters = pools.get(pool);
        if (meters != null) {
            meters.countWait(nanos);
        }
    }

    @Override
    public void queueTimedOut(String pool) {
        PoolMeters meters = pools.get(pool);
        if (meters != null) {
            meters.countQueueTimeout();
        }
    }

    @Override
    public void queueFull(String pool) {
        PoolMeters meters = pools.get(pool);
        if (meters != null) {
            meters.countQueueFull();
        }
    }

    @Override
    public void pingTimedOut(String pool) {
        PoolMeters meters = pools.get(pool);
        if (meters != null) {
            meters.countPingTimeout();
        }
    }

    @Override
    public void exchangeEnded(FinishedExchange exchange) {
        Route route = exchange.route();
        if (route != null) {
            RouteMeters meters = routes.of(route);
            if (meters != null) {
                meters.count(exchange);
            }
        }
        @Nullable Failure failure = exchange.failure();
        if (failure != null) {
            Objects.requireNonNull(failures.get(failure)).increment();
        }
    }

    @Override
    public void probed(Backend backend, boolean passed) {
        PoolMeters meters = pools.get(backend.pool());
        if (meters != null) {
            meters.countProbe(passed);
        }
    }

    @Override
    public void flipped(Backend backend, Health health) {
        PoolMeters meters = pools.get(backend.pool());
        if (meters != null) {
            meters.countFlip(health);
        }
    }

    @Override
    public void ejected(Backend backend) {
        PoolMeters meters = pools.get(backend.pool());
        if (meters != null) {
            meters.countEjection();
        }
    }

    @Override
    public void breakerMoved(Backend backend, BreakerState to) {
        PoolMeters meters = pools.get(backend.pool());
        if (meters != null) {
            meters.countBreaker(to);
        }
    }

    private final class PoolFollower implements PoolChangeListener {
        @Override
        public void backendAdded(BackendPool pool, Backend backend) {
            add(backend);
        }

        @Override
        public void backendRetired(BackendPool pool, Backend backend) {
            remove(backend);
        }
    }
}
