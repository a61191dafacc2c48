package io.sluice.proxy.listener;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.balance.BalancedPool;
import io.sluice.proxy.balance.LeastConnections;
import io.sluice.proxy.forward.ExchangeObserver;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.forward.FinishedAttempt;
import io.sluice.proxy.forward.FinishedExchange;
import io.sluice.proxy.forward.ForwardingTarget;
import io.sluice.proxy.health.PassiveHealth;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.proxy.route.RouteTable;
import io.sluice.proxy.tls.BackendTls;
import io.sluice.proxy.tls.BackendTransport;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A listener with one pool, {@code test}, that never changes by itself; keeps what it observed. */
final class TestProxy implements AutoCloseable, ExchangeObserver {
    /** What is left of an exchange when it is over. */
    record Seen(
            String method,
            String target,
            int status,
            @Nullable Failure failure,
            int attempts,
            List<String> attemptFailures,
            long requestBytes,
            long responseBytes) {}

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    /** By pool. */
    final BlockingQueue<String> unansweredPings = new LinkedBlockingQueue<>();

    private final BackendPool pool;
    private final TrafficListener listener;
    private final BlockingQueue<Seen> exchanges = new LinkedBlockingQueue<>();
    final BlockingQueue<String> passive = new LinkedBlockingQueue<>();

    static TestProxy to(RawBackend... backends) {
        return to(TestSettings.route(), backends);
    }

    static TestProxy to(RouteSettings route, RawBackend... backends) {
        return new TestProxy(fixedPool(backends), TestSettings.listener(), route);
    }

    /** Keeps so many bytes of a request body for a further attempt, and allows any body. */
    static TestProxy replaying(long bytes, RawBackend... backends) {
        String retry = "retry: {retry-on: ['503'], replay-limit: " + bytes + "}";
        return to(TestSettings.route(retry, "max-body: 1TiB"), backends);
    }

    static BackendPool fixedPool(RawBackend... backends) {
        List<BackendSettings> settings = new ArrayList<>();
        for (int i = 0; i < backends.length; i++) {
            settings.add(new BackendSettings("b" + (i + 1), backends[i].address(), null, 1));
        }
        return BackendPool.fixed(PoolSettings.of("test", settings));
    }

    /** Tells somebody else too. */
    static TestProxy observed(ExchangeObserver observer, RouteSettings route, RawBackend... backends) {
        return observed(observer, fixedPool(backends), route);
    }

    static TestProxy observed(ExchangeObserver observer, BackendPool pool, RouteSettings route) {
        return new TestProxy(observer, pool, TestSettings.listener(), route);
    }

    static TestProxy observed(
            ExchangeObserver observer, BackendPool pool, ListenerSettings settings, RouteSettings... routes) {
        return new TestProxy(observer, pool, settings, routes);
    }

    TestProxy(BackendPool pool, ListenerSettings settings, RouteSettings... routes) {
        this(ExchangeObserver.NONE, pool, settings, routes);
    }

    /** With a second pool, {@code other}. */
    static TestProxy withFallback(BackendPool pool, BackendPool other, RouteSettings... routes) {
        return new TestProxy(
                ExchangeObserver.NONE,
                new BalancedPool(pool, new LeastConnections()),
                other,
                TestSettings.listener(),
                routes);
    }

    TestProxy(ExchangeObserver observer, BackendPool pool, ListenerSettings settings, RouteSettings... routes) {
        this(observer, new BalancedPool(pool, new LeastConnections()), pool, settings, routes);
    }

    /** One that chooses in its own way. */
    static TestProxy balanced(BalancedPool pool, RouteSettings route) {
        return new TestProxy(ExchangeObserver.NONE, pool, pool.pool(), TestSettings.listener(), route);
    }

    /** One whose time somebody else makes pass. */
    static TestProxy timed(LongSupplier nanoTime, BackendPool pool, ListenerSettings settings, RouteSettings route) {
        return new TestProxy(
                ExchangeObserver.NONE,
                new BalancedPool(pool, new LeastConnections()),
                pool,
                BackendTransport.PLAIN,
                settings,
                nanoTime,
                new RouteSettings[] {route});
    }

    /** Speaks TLS to its backends. */
    static TestProxy overTls(BackendTls tls, RouteSettings route, RawBackend... backends) {
        return over(new BackendTransport(tls, false), TestSettings.listener(), route, backends);
    }

    /** Speaks to its backends in this way. */
    static TestProxy over(
            BackendTransport transport, ListenerSettings settings, RouteSettings route, RawBackend... backends) {
        return over(transport, fixedPool(backends), settings, route);
    }

    static TestProxy over(
            BackendTransport transport, BackendPool pool, ListenerSettings settings, RouteSettings route) {
        return new TestProxy(
                ExchangeObserver.NONE,
                new BalancedPool(pool, new LeastConnections()),
                pool,
                transport,
                settings,
                System::nanoTime,
                new RouteSettings[] {route});
    }

    private TestProxy(
            ExchangeObserver observer,
            BalancedPool balanced,
            BackendPool other,
            ListenerSettings settings,
            RouteSettings... routes) {
        this(observer, balanced, other, BackendTransport.PLAIN, settings, System::nanoTime, routes);
    }

    private TestProxy(
            ExchangeObserver observer,
            BalancedPool balanced,
            BackendPool other,
            BackendTransport transport,
            ListenerSettings settings,
            LongSupplier nanoTime,
            RouteSettings[] routes) {
        this.pool = balanced.pool();
        PassiveHealth recording = new PassiveHealth() {
            @Override
            public void succeeded(Backend backend) {}

            @Override
            public void failed(Backend backend, String why) {
                passive.add(backend.id() + " " + why);
            }
        };
        ForwardingTarget target = new ForwardingTarget(balanced, recording, transport);
        ForwardingTarget second = new ForwardingTarget(new BalancedPool(other, new LeastConnections()), recording);
        this.listener = new TrafficListener(
                vertx,
                settings,
                new RouteTable(List.of(routes)),
                Map.of("test", target, "other", second),
                ExchangeObserver.all(List.of(observer, this)),
                Clock.systemUTC(),
                nanoTime);
        Waiting.on(listener.start());
    }

    @Override
    public void pingTimedOut(String of) {
        unansweredPings.add(of);
    }

    int port() {
        return listener.port();
    }

    BackendPool pool() {
        return pool;
    }

    Backend backend(String id) {
        return pool.snapshot().backend(id).orElseThrow();
    }

    TrafficListener listener() {
        return listener;
    }

    Seen nextExchange() throws InterruptedException {
        Seen seen = exchanges.poll(15, TimeUnit.SECONDS);
        if (seen == null) {
            throw new AssertionError("no exchange ended");
        }
        return seen;
    }

    /** Method and origin-form of what was forwarded so far, once for each attempt; forgets all exchanges. */
    List<String> takeForwarded() {
        List<Seen> all = new ArrayList<>();
        exchanges.drainTo(all);
        List<String> lines = new ArrayList<>();
        for (Seen seen : all) {
            for (int i = 0; i < seen.attempts(); i++) {
                lines.add(seen.method() + " " + originForm(seen.target()));
            }
        }
        return lines;
    }

    private static String originForm(String target) {
        String origin = target.replaceFirst("(?i)^https?://[^/?]*", "");
        return origin.startsWith("/") || origin.equals("*") ? origin : "/" + origin;
    }

    /** Exchanges so far that nobody asked for and that were not answered 2xx. */
    List<Seen> failed() {
        return exchanges.stream()
                .filter(seen -> seen.status() < 200 || seen.status() > 299)
                .toList();
    }

    @Override
    public void exchangeEnded(FinishedExchange exchange) {
        List<String> failures = new ArrayList<>();
        FinishedAttempt attempt = exchange.lastAttempt();
        while (attempt != null) {
            Failure failure = attempt.failure();
            failures.add(0, attempt.backend().id() + ":" + (failure == null ? attempt.status() : failure.label()));
            attempt = attempt.previous();
        }
        exchanges.add(new Seen(
                exchange.method(),
                exchange.requestTarget(),
                exchange.status(),
                exchange.failure(),
                exchange.attempts(),
                failures,
                exchange.requestBytes(),
                exchange.responseBytes()));
    }

    @Override
    public void close() {
        Waiting.on(listener.stop());
        Waiting.on(vertx.close());
        for (Backend backend : pool.snapshot().backends()) {
            if (backend.inFlight() != 0 || backend.surplusReleases() != 0) {
                throw new AssertionError(backend + ": in flight " + backend.inFlight() + ", surplus releases "
                        + backend.surplusReleases() + " (expected: 0 and 0)");
            }
        }
    }
}
