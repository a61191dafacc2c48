package io.sluice.rollout.catchup;

import io.sluice.instance.api.ConfigDocuments;
import io.sluice.instance.api.ConfigType;
import io.sluice.instance.api.ConfigUpdateRequest;
import io.sluice.instance.api.DrainRequest;
import io.sluice.instance.api.DrainStatus;
import io.sluice.instance.api.HealthReport;
import io.sluice.proxy.api.PoolList;
import io.sluice.proxy.api.PoolView;
import io.sluice.rollout.driver.InstanceControl;
import io.sluice.rollout.driver.RolloutEngine;
import io.sluice.rollout.driver.TrafficControl.PoolRef;
import io.sluice.rollout.traffic.ProxyClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the pools again and again, and brings every {@link Stray} to the pool's target: reads what it runs, replaces exactly that
 * (compare-and-set), reads it back, takes away what a dead rollout left (drain first, hold last, and only from a healthy instance). The
 * proxy admits the instance by itself, as soon as a probe reports the accepted hash. An instance that fails is left alone for a while.
 *
 * <p>One round at a time; rounds run on the Vert.x context that started them.
 */
public final class CatchUp {
    private static final Logger LOG = LoggerFactory.getLogger(CatchUp.class);
    private static final String SOURCE = "catch-up";

    /** Told of every instance that was brought up to date, or not; for metrics. */
    @FunctionalInterface
    public interface Listener {
        void caughtUp(boolean succeeded);
    }

    private record Place(String pool, String instance) {}

    private final Vertx vertx;
    private final ProxyClient proxy;
    private final InstanceControl instances;
    private final Targets targets;
    private final CatchUpSettings settings;
    private final Clock clock;
    private final Listener listener;
    private final Map<Place, CatchUpStatus> status = new ConcurrentHashMap<>();
    private volatile boolean stopped;
    private volatile boolean proxyWasAway;
    private volatile Future<Void> running = Future.succeededFuture();

    public CatchUp(
            Vertx vertx,
            ProxyClient proxy,
            InstanceControl instances,
            RolloutEngine engine,
            CatchUpSettings settings,
            Clock clock,
            Listener listener) {
        this.vertx = vertx;
        this.proxy = proxy;
        this.instances = instances;
        this.targets = new Targets(engine);
        this.settings = settings;
        this.clock = clock;
        this.listener = listener;
    }

    public void start() {
        vertx.setTimer(settings.interval().toMillis(), unused -> {
            if (!stopped) {
                running = round().onComplete(done -> start());
            }
        });
    }

    /** No new round begins; completes when the running one has ended. */
    public Future<Void> stop() {
        stopped = true;
        return running.otherwiseEmpty();
    }

    /** How it went at this instance so far. */
    public CatchUpStatus status(String pool, String instance) {
        return status.getOrDefault(new Place(pool, instance), CatchUpStatus.NONE);
    }

    /** One look at all pools; never fails. */
    Future<Void> round() {
        return proxy.pools()
                .onSuccess(pools -> proxyIsBack())
                .onFailure(this::proxyIsAway)
                .compose(this::bringUpAll)
                .otherwiseEmpty();
    }

    private Future<Void> bringUpAll(PoolList pools) {
        Instant now = clock.instant();
        List<Future<Void>> work = new ArrayList<>();
        for (PoolView pool : pools.pools()) {
            targets.hash(pool.pool())
                    .ifPresent(hash -> Stray.of(pool, targets).stream()
                            .filter(stray -> status(stray).isDue(now))
                            .forEach(stray -> work.add(attempt(stray, hash))));
        }
        return Future.join(work).mapEmpty();
    }

    private Future<Void> attempt(Stray stray, String hash) {
        return Future.all(targets.configuration(hash), instances.drainStatus(stray.instance()))
                .compose(both -> bringUp(stray, both.resultAt(0), both.resultAt(1)))
                .onSuccess(changed -> succeeded(stray, hash, changed))
                .onFailure(failure -> failed(stray, failure))
                .mapEmpty();
    }

    /** Whether there was anything to do: the proxy may just not have noticed yet that all is well. */
    private Future<Boolean> bringUp(Stray stray, TargetConfiguration target, DrainStatus drain) {
        List<String> orphans = drain.holders().stream().filter(targets::isOver).toList();
        if (orphans.size() < drain.holders().size()) {
            return Future.failedFuture(new IllegalStateException("is drained by " + drain.holders()));
        }
        return instances
                .documents(stray.instance())
                .compose(now -> replace(stray, target, now))
                .compose(replaced -> verify(stray, target)
                        .compose(unused -> oneByOne(orphans, holder -> undrain(stray, holder)))
                        .compose(unused -> letBackIn(stray))
                        .map(unused -> replaced
                                || !orphans.isEmpty()
                                || !stray.orphans().isEmpty()));
    }

    private Future<Boolean> replace(Stray stray, TargetConfiguration target, ConfigDocuments now) {
        if (now.hash().equals(target.hash())) {
            return Future.succeededFuture(false);
        }
        if (!targets.hash(stray.pool()).equals(Optional.of(target.hash()))) {
            return Future.failedFuture(new IllegalStateException("is a rollout's business by now"));
        }
        ConfigUpdateRequest request =
                new ConfigUpdateRequest(ConfigType.BUNDLE, target.bundle(), now.hash(), null, null, SOURCE);
        return instances.update(stray.instance(), request).map(true);
    }

    private Future<Void> verify(Stray stray, TargetConfiguration target) {
        return instances
                .version(stray.instance())
                .compose(version -> version.hash().equals(target.hash())
                        ? Future.succeededFuture()
                        : Future.failedFuture(new IllegalStateException(
                                "reports " + version.hash() + " (expected: " + target.hash() + ")")));
    }

    private Future<DrainStatus> undrain(Stray stray, String holder) {
        return instances.undrain(stray.instance(), new DrainRequest(holder, null, null));
    }

    private Future<Void> letBackIn(Stray stray) {
        if (stray.orphans().isEmpty()) {
            return Future.succeededFuture();
        }
        PoolRef pool = new PoolRef(stray.pool(), targets.epoch());
        return instances
                .health(stray.instance())
                .compose(CatchUp::healthy)
                .compose(unused -> oneByOne(
                        stray.orphans(),
                        hold -> proxy.removeHold(pool, stray.instance().backend(), hold)));
    }

    private static Future<Void> healthy(HealthReport report) {
        boolean well = report.status().equals("healthy") || report.status().equals("degraded");
        return well
                ? Future.succeededFuture()
                : Future.failedFuture(new IllegalStateException("is " + report.status() + ": " + report.message()));
    }

    private static Future<Void> oneByOne(List<String> names, Function<String, Future<?>> action) {
        Future<Void> done = Future.succeededFuture();
        for (String name : names) {
            done = done.compose(unused -> action.apply(name)).mapEmpty();
        }
        return done;
    }

    private void succeeded(Stray stray, String hash, boolean changed) {
        if (!changed) {
            return;
        }
        status.put(place(stray), new CatchUpStatus(0, null, null, clock.instant()));
        listener.caughtUp(true);
        LOG.info("{} of pool {} runs {} now", stray.instance().backend(), stray.pool(), hash);
    }

    private void failed(Stray stray, Throwable failure) {
        CatchUpStatus before = status(stray);
        int failures = before.failures() + 1;
        String message = String.valueOf(failure.getMessage());
        Instant next = clock.instant().plus(settings.backoff(failures));
        status.put(place(stray), new CatchUpStatus(failures, message, next, before.caughtUpAt()));
        listener.caughtUp(false);
        LOG.warn(
                "{} of pool {} could not be brought up to date, next attempt at {}: {}",
                stray.instance().backend(),
                stray.pool(),
                next,
                message);
    }

    private CatchUpStatus status(Stray stray) {
        return status(stray.pool(), stray.instance().backend());
    }

    private static Place place(Stray stray) {
        return new Place(stray.pool(), stray.instance().backend());
    }

    private void proxyIsAway(Throwable failure) {
        if (!proxyWasAway) {
            proxyWasAway = true;
            LOG.warn("Nothing can be caught up: {}", failure.getMessage());
        }
    }

    private void proxyIsBack() {
        if (proxyWasAway) {
            proxyWasAway = false;
            LOG.info("The proxy at {} answers again", proxy.url());
        }
    }
}
