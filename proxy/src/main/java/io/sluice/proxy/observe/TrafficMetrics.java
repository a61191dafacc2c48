package io.sluice.proxy.observe;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
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
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The proxy's meters. All of them exist from the start, except those of backends, which come and go with them. Thread-safe. */
public final class TrafficMetrics implements ExchangeObserver, HealthObserver {
    private final MeterRegistry registry;
    private final RouteMeters[] routes;
    /** By incarnation, for the traffic path. */
    private final Map<Backend, BackendMeters> backends = new ConcurrentHashMap<>();

    @GuardedBy("this")
    private final Map<String, BackendMeters> byId = new HashMap<>();

    private final Map<Failure, Counter> failures = new EnumMap<>(Failure.class);
    private final Map<Failure, Counter> retries = new EnumMap<>(Failure.class);
    private final Counter budgetExhausted;
    private final Counter freshConnections;
    private final Counter reusedConnections;
    private final Counter passedProbes;
    private final Counter failedProbes;
    private final Counter flips;
    private final Counter ejections;

    public TrafficMetrics(MeterRegistry registry, RouteTable table, List<BackendPool> pools) {
        this.registry = registry;
        this.routes = table.routes().stream()
                .map(route -> new RouteMeters(registry, route))
                .toArray(RouteMeters[]::new);
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
        passedProbes = counter("sluice.proxy.probes", "Active checks.", "outcome", "passed");
        failedProbes = counter("sluice.proxy.probes", "Active checks.", "outcome", "failed");
        flips = counter("sluice.proxy.health.flips", "Changes of a backend's health by active checks.");
        ejections = counter("sluice.proxy.ejections", "Backends put aside by passive checks.");
        pools.forEach(this::follow);
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

    /** Publishes the counts of a zone of rate limits. */
    public void follow(RateLimiter zone) {
        count("sluice.proxy.rate.limit.refused", "Requests that a rate limit refused.", zone, RateLimiter::refused);
        count("sluice.proxy.rate.limit.delayed", "Requests that a rate limit held back.", zone, RateLimiter::delayed);
        count("sluice.proxy.rate.limit.forgotten", "Keys that made way for others.", zone, RateLimiter::forgotten);
    }

    private void count(String name, String description, RateLimiter zone, ToDoubleFunction<RateLimiter> value) {
        FunctionCounter.builder(name, zone, value)
                .description(description)
                .tag("zone", zone.name())
                .register(registry);
    }

    private void follow(BackendPool pool) {
        Gauge.builder(
                        "sluice.proxy.pool.revision",
                        pool,
                        each -> each.snapshot().revision())
                .description("The pool's revision.")
                .tag("pool", pool.name())
                .register(registry);
        Gauge.builder(
                        "sluice.proxy.pool.in.service",
                        pool,
                        each -> each.snapshot().inService())
                .description("Eligible backends.")
                .tag("pool", pool.name())
                .register(registry);
        Gauge.builder("sluice.proxy.pool.waiting", pool, BackendPool::waiting)
                .description("Requests that wait for a backend.")
                .tag("pool", pool.name())
                .register(registry);
        pool.addListener(new PoolFollower());
        pool.snapshot().backends().forEach(this::add);
    }

    private synchronized void add(Backend backend) {
        BackendMeters meters = byId.computeIfAbsent(key(backend), first -> new BackendMeters(registry, backend));
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
        BackendMeters meters = backends.get(attempt.backend());
        if (meters == null) {
            return;
        }
        Failure failure = attempt.failure();
        if (failure != null) {
            meters.countFailure();
        } else if (attempt.status() == 0) {
            meters.countCancelled();
        } else {
            meters.countSuccess();
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
    public void exchangeEnded(FinishedExchange exchange) {
        Route route = exchange.route();
        if (route != null) {
            routes[route.index()].count(exchange);
        }
        @Nullable Failure failure = exchange.failure();
        if (failure != null) {
            Objects.requireNonNull(failures.get(failure)).increment();
        }
    }

    @Override
    public void probed(Backend backend, boolean passed) {
        (passed ? passedProbes : failedProbes).increment();
    }

    @Override
    public void flipped(Backend backend, Health health) {
        flips.increment();
    }

    @Override
    public void ejected(Backend backend) {
        ejections.increment();
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
