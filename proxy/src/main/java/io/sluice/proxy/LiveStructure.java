package io.sluice.proxy;

import io.sluice.proxy.api.ProbeResult;
import io.sluice.proxy.balance.BalancedPool;
import io.sluice.proxy.forward.ForwardingTarget;
import io.sluice.proxy.health.FailureCounter;
import io.sluice.proxy.health.HealthChecker;
import io.sluice.proxy.health.ProbeRecord;
import io.sluice.proxy.health.SlowStarter;
import io.sluice.proxy.listener.TrafficListener;
import io.sluice.proxy.observe.TrafficMetrics;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.ChangeRefusedException;
import io.sluice.proxy.pool.ChangeRefusedException.Detail;
import io.sluice.proxy.pool.Refusal;
import io.sluice.proxy.pool.SlowStart;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.proxy.route.RouteTable;
import io.sluice.proxy.sticky.StickyCookie;
import io.sluice.proxy.sticky.StickyKey;
import io.sluice.proxy.sticky.StickySettings;
import io.sluice.proxy.tls.BackendTls;
import io.sluice.proxy.tls.BackendTlsSettings;
import io.sluice.proxy.tls.BackendTransport;
import io.sluice.proxy.tls.CertificateFileException;
import io.sluice.proxy.tls.CertificateReloader;
import io.sluice.service.lifecycle.Component;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What serves the pools and routes that there are: checks, balancers, breakers, meters, the traffic's routes. {@link #takeEffect} replaces what
 * changed and leaves the rest alone; it is called at the start and then on the writer's thread.
 */
final class LiveStructure implements Component {
    private static final Logger LOG = LoggerFactory.getLogger(LiveStructure.class);

    private final Vertx vertx;
    private final Path stickyKeyFile;
    private final Clock clock;
    private final LongSupplier nanoTime;

    private volatile Map<String, ServedPool> served = Map.of();
    private volatile List<RouteSettings> routes = List.of();
    private volatile @Nullable TrafficMetrics meters;
    private volatile @Nullable TrafficListener traffic;
    private volatile boolean running;
    private volatile Consumer<Map<String, ConfiguredPool>> followers = pools -> {};
    /** For pools whose settings have no secret for their cookie. */
    private volatile @Nullable StickyKey stickyKey;
    /** By pool; those that are ready to be used. */
    private final Map<String, BackendTls> backendTls = new HashMap<>();

    /** @param nanoTime monotonic */
    LiveStructure(Vertx vertx, Path dataFolder, Clock clock, LongSupplier nanoTime) {
        this.vertx = vertx;
        this.stickyKeyFile = dataFolder.resolve("sticky-key");
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** Does what could fail, so that taking effect cannot: reads files that pools need. Blocks. */
    synchronized void getReady(Collection<ConfiguredPool> pools) {
        for (ConfiguredPool pool : pools) {
            StickySettings sticky = pool.sticky();
            if (sticky != null && sticky.secret() == null && stickyKey == null) {
                stickyKey = StickyKey.readOrCreate(stickyKeyFile);
            }
            BackendTlsSettings tls = pool.tls();
            ServedPool known = served.get(pool.pool().name());
            if (tls != null && (known == null || !isSameTransport(known.configured(), pool))) {
                backendTls.put(
                        pool.pool().name(),
                        loaded(
                                new BackendTls(pool.pool().name(), tls, pool.http2()),
                                pool.pool().name()));
            }
        }
    }

    private static boolean isSameTransport(ConfiguredPool one, ConfiguredPool other) {
        return Objects.equals(one.tls(), other.tls()) && one.http2() == other.http2();
    }

    private BackendTls loaded(BackendTls tls, String pool) {
        if (!running) {
            // At the start whoever looks at the files later reads them first.
            return tls;
        }
        try {
            tls.load();
        } catch (CertificateFileException e) {
            String pointer = "/pools/" + pool + "/tls";
            throw new ChangeRefusedException(
                    Refusal.INVALID, List.of(new Detail(pointer, e.file() + " (expected: " + e.expectation() + ")")));
        }
        return tls;
    }

    /** Makes it serve its first structure; traffic comes later. */
    void begin(TrafficMetrics observed, PreparedStructure first, Function<String, BackendPool> pools) {
        meters = observed;
        takeEffect(first, pools);
    }

    /** From now on changes concern this traffic too. */
    void serve(TrafficListener listener) {
        traffic = listener;
        metersNow().follow(listener.rateLimiters());
    }

    /** Tells {@code follower} which pools there are, now and after each change, on the thread that makes it. */
    synchronized void followedBy(Consumer<Map<String, ConfiguredPool>> follower) {
        followers = follower;
        tellFollowers();
    }

    private void tellFollowers() {
        Map<String, ConfiguredPool> pools = new LinkedHashMap<>();
        served.forEach((name, pool) -> pools.put(name, pool.configured()));
        followers.accept(pools);
    }

    RouteTable table() {
        return new RouteTable(routes);
    }

    Map<String, ForwardingTarget> targets() {
        Map<String, ForwardingTarget> targets = new HashMap<>();
        served.forEach((name, pool) -> targets.put(name, pool.target()));
        return targets;
    }

    Optional<BalancedPool> balanced(String pool) {
        return Optional.ofNullable(served.get(pool)).map(ServedPool::balanced);
    }

    /** The pools whose backends are asked how they are. */
    List<BackendPool> checked() {
        return served.values().stream()
                .filter(pool -> pool.configured().health().probes().on())
                .map(pool -> pool.balanced().pool())
                .toList();
    }

    /** The last checks of a backend, newest first. */
    List<ProbeRecord> history(BackendPool pool, Backend backend) {
        ServedPool now = served.get(pool.name());
        return now == null ? List.of() : now.checker().history(backend);
    }

    Future<ProbeResult> probe(BackendPool pool, Backend backend, @Nullable String path) {
        ServedPool now = served.get(pool.name());
        return now == null
                ? Future.succeededFuture(new ProbeResult(false, null, 0, null, null, "the pool is gone"))
                : now.checker().probe(backend, path);
    }

    synchronized void takeEffect(PreparedStructure next, Function<String, BackendPool> pools) {
        Map<String, ServedPool> before = served;
        Map<String, ServedPool> after = new LinkedHashMap<>();
        List<ServedPool> gone = new ArrayList<>();
        before.forEach((name, pool) -> {
            if (!next.pools().containsKey(name)) {
                metersNow().forget(pool.balanced().pool());
                gone.add(pool);
            }
        });
        next.pools().forEach((name, wished) -> {
            ServedPool known = before.get(name);
            after.put(name, known == null ? come(wished, pools.apply(name)) : changed(known, wished));
        });
        boolean sameTargets = before.equals(after);
        served = Map.copyOf(after);
        if (!sameTargets || !routes.equals(next.routes())) {
            routes = next.routes();
            route(new RouteTable(routes));
        }
        gone.forEach(this::leave);
        tellFollowers();
    }

    private void route(RouteTable table) {
        metersNow().follow(table);
        TrafficListener listener = traffic;
        if (listener != null) {
            listener.route(table, targets());
            metersNow().follow(listener.rateLimiters());
        }
    }

    private ServedPool come(ConfiguredPool wished, BackendPool pool) {
        metersNow().follow(pool);
        StickySettings sticky = wished.sticky();
        BalancedPool balanced = new BalancedPool(
                pool, wished.balance().balancer(), wished.balance().hashKey(), cookie(pool, sticky));
        BackendTls tls = tls(wished);
        return new ServedPool(
                wished,
                balanced,
                failures(wished, pool),
                started(checker(wished, pool, transport(wished, tls))),
                starter(wished.slowStart(), pool),
                tls,
                reloader(pool, tls));
    }

    /** Replaces who serves it where their settings changed. */
    private ServedPool changed(ServedPool known, ConfiguredPool wished) {
        ConfiguredPool before = known.configured();
        if (before.equals(wished)) {
            return known;
        }
        BalancedPool balanced = known.balanced();
        BackendPool pool = balanced.pool();
        if (!before.balance().equals(wished.balance()) || !Objects.equals(before.sticky(), wished.sticky())) {
            boolean same = before.balance().equals(wished.balance());
            balanced.chooseBy(
                    same ? balanced.balancer() : wished.balance().balancer(),
                    wished.balance().hashKey(),
                    cookie(pool, wished.sticky()));
        }
        boolean samePassive = before.health().passive().equals(wished.health().passive());
        boolean sameTls = isSameTransport(before, wished);
        BackendTls tls = sameTls ? known.tls() : tls(wished);
        boolean sameStart = Objects.equals(before.slowStart(), wished.slowStart());
        SlowStarter starter = known.starter();
        if (!sameStart && starter != null) {
            starter.retire();
        }
        HealthChecker checker = known.checker();
        if (!before.health().probes().equals(wished.health().probes()) || !sameTls) {
            HealthChecker next = checker(wished, pool, transport(wished, tls));
            checker = started(sameTls ? next.after(checker) : next);
            known.checker().retire();
        }
        if (!sameTls) {
            stopped(known.reloader());
        }
        return new ServedPool(
                wished,
                balanced,
                samePassive ? known.failures() : failures(wished, pool),
                checker,
                sameStart ? starter : starter(wished.slowStart(), pool),
                tls,
                sameTls ? known.reloader() : reloader(pool, tls));
    }

    private void leave(ServedPool pool) {
        pool.checker().retire();
        SlowStarter starter = pool.starter();
        if (starter != null) {
            starter.retire();
        }
        stopped(pool.reloader());
    }

    private static void stopped(@Nullable CertificateReloader reloader) {
        if (reloader != null) {
            reloader.stop().onFailure(cause -> LOG.warn("{} did not stop", reloader.name(), cause));
        }
    }

    private @Nullable BackendTls tls(ConfiguredPool wished) {
        return wished.tls() == null ? null : backendTls.get(wished.pool().name());
    }

    private @Nullable CertificateReloader reloader(BackendPool pool, @Nullable BackendTls tls) {
        if (tls == null) {
            return null;
        }
        String section = "pools." + pool.name() + ".tls";
        CertificateReloader reloader =
                new CertificateReloader(vertx, tls, section, tls.settings().reloadInterval());
        if (running) {
            reloader.start().onFailure(cause -> LOG.error("{} failed", reloader.name(), cause));
        }
        return reloader;
    }

    private static BackendTransport transport(ConfiguredPool wished, @Nullable BackendTls tls) {
        return new BackendTransport(tls, wished.http2());
    }

    private FailureCounter failures(ConfiguredPool wished, BackendPool pool) {
        return new FailureCounter(vertx, pool, wished.health().passive(), metersNow(), clock, nanoTime);
    }

    private HealthChecker checker(ConfiguredPool wished, BackendPool pool, BackendTransport transport) {
        return new HealthChecker(vertx, pool, wished.health().probes(), transport, metersNow(), clock, nanoTime);
    }

    private HealthChecker started(HealthChecker checker) {
        if (running) {
            checker.start();
        }
        return checker;
    }

    private @Nullable SlowStarter starter(@Nullable SlowStart settings, BackendPool pool) {
        return settings == null ? null : new SlowStarter(vertx, pool, settings, nanoTime);
    }

    private @Nullable StickyCookie cookie(BackendPool pool, @Nullable StickySettings sticky) {
        if (sticky == null) {
            return null;
        }
        return new StickyCookie(pool.name(), sticky, stickyKey);
    }

    private TrafficMetrics metersNow() {
        return Objects.requireNonNull(meters);
    }

    @Override
    public String name() {
        return "checks of pools";
    }

    @Override
    public Future<Void> start() {
        running = true;
        return Future.all(each(ServedPool::reloader))
                .compose(read -> Future.all(each(ServedPool::checker)))
                .mapEmpty();
    }

    private List<Future<Void>> each(Function<ServedPool, @Nullable Component> part) {
        List<Future<Void>> started = new ArrayList<>();
        for (ServedPool pool : served.values()) {
            Component one = part.apply(pool);
            if (one != null) {
                started.add(one.start());
            }
        }
        return started;
    }

    @Override
    public Future<Void> stop() {
        running = false;
        List<Future<Void>> stopped = new ArrayList<>();
        for (ServedPool pool : served.values()) {
            stopped.add(pool.checker().stop());
            SlowStarter starter = pool.starter();
            if (starter != null) {
                stopped.add(starter.stop());
            }
            CertificateReloader reloader = pool.reloader();
            if (reloader != null) {
                stopped.add(reloader.stop());
            }
        }
        return Future.join(stopped).mapEmpty();
    }
}
