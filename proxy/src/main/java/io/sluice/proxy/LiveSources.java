package io.sluice.proxy;

import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.proxy.admin.PoolSources;
import io.sluice.proxy.api.BackendSource;
import io.sluice.proxy.api.DiscoveryView;
import io.sluice.proxy.api.RegistrationView;
import io.sluice.proxy.discovery.Discoveries;
import io.sluice.proxy.discovery.Discovery;
import io.sluice.proxy.discovery.DiscoverySettings;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.PoolSnapshot;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Withdrawal;
import io.sluice.proxy.registration.RegistrationDesk;
import io.sluice.proxy.registration.RegistrationObserver;
import io.sluice.proxy.registration.RegistrationSettings;
import io.sluice.service.lifecycle.Component;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the backends of pools come from that nobody puts there, for the pools that there are. It starts with the first lookups: a pool that knows nobody
 * would answer 503 until they are over.
 */
final class LiveSources implements Component, PoolSources {
    private static final Logger LOG = LoggerFactory.getLogger(LiveSources.class);

    /** A name server in the same network answers within milliseconds; traffic to other pools must not wait long for one that does not. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** As soon as a new backend usually needs for its first check. */
    private static final Duration RETRY = Duration.ofSeconds(2);

    /** The section of a pool's document that says where it looks for backends. */
    private static final String DISCOVER = "discover";

    private final Vertx vertx;
    private final Pools pools;
    private final MeterRegistry registry;
    private final Discoveries discoveries;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final SourcesByPool<DiscoverySettings, Discovered> discovered =
            new SourcesByPool<>(ConfiguredPool::discovery, this::discovered);
    private final SourcesByPool<RegistrationSettings, Registered> registered =
            new SourcesByPool<>(ConfiguredPool::registration, this::registered);
    private boolean running;

    private record Discovered(Discovery discovery, SourceMeters meters) implements SourcesByPool.Source {
        @Override
        public void start() {
            discovery.start();
        }

        @Override
        public void stop() {
            discovery.stop();
        }

        @Override
        public void forget() {
            meters.remove();
        }
    }

    private record Registered(RegistrationDesk desk, SourceMeters meters) implements SourcesByPool.Source {
        @Override
        public void start() {
            desk.start();
        }

        @Override
        public void stop() {
            desk.stop();
        }

        @Override
        public void forget() {
            meters.remove();
        }
    }

    LiveSources(Vertx vertx, Pools pools, MeterRegistry registry, Clock clock, LongSupplier nanoTime) {
        this.vertx = vertx;
        this.pools = pools;
        this.registry = registry;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.discoveries = new Discoveries(vertx, pools, clock);
    }

    /** Makes it true to the settings of the pools; nothing happens to what did not change. */
    synchronized void follow(Map<String, ConfiguredPool> wished) {
        discovered.follow(wished);
        registered.follow(wished);
        for (String name : wished.keySet()) {
            withdrawRest(name, BackendSource.DISCOVERED);
            withdrawRest(name, BackendSource.REGISTERED);
        }
    }

    private Discovered discovered(String pool, DiscoverySettings settings, @Nullable Discovered before) {
        SourceMeters meters = new SourceMeters(registry, pool);
        Consumer<String> lookups = meters.counters(
                "sluice.proxy.discovery.lookups",
                "Lookups of a pool's DNS name, by what came of them.",
                "outcome",
                Discovery.OUTCOMES);
        Discovery discovery = discoveries.of(pool, settings, lookups::accept);
        meters.gauge(
                "sluice.proxy.discovery.addresses",
                "Addresses in the last answer.",
                discovery,
                each -> each.view().addresses().size());
        meters.gauge(
                "sluice.proxy.discovery.failing",
                "1 while the newest lookup told nothing.",
                discovery,
                each -> each.view().failure() == null ? 0 : 1);
        meters.gauge(
                "sluice.proxy.discovery.kept",
                "Backends that the last answer does not name and that stay.",
                discovery,
                each -> each.view().kept().size());
        if (before != null || changedWhileNobodyRan(pool)) {
            discovery.restate();
        }
        return new Discovered(discovery, meters);
    }

    private boolean changedWhileNobodyRan(String pool) {
        return pools.found(pool)
                .flatMap(found -> pools.pool(pool)
                        .map(pools::document)
                        .map(now -> !found.settings()
                                .path(DISCOVER)
                                .equals(now.settings().path(DISCOVER))))
                .orElse(false);
    }

    private Registered registered(String pool, RegistrationSettings settings, @Nullable Registered before) {
        SourceMeters meters = new SourceMeters(registry, pool);
        Consumer<String> events = meters.counters(
                "sluice.proxy.registration.events",
                "What became of registrations and heartbeats.",
                "event",
                Arrays.stream(RegistrationObserver.Event.values())
                        .map(RegistrationObserver.Event::label)
                        .toList());
        RegistrationDesk desk = new RegistrationDesk(
                vertx, pools, pool, settings, event -> events.accept(event.label()), clock, nanoTime);
        meters.gauge(
                "sluice.proxy.registration.leases",
                "Registered instances.",
                desk,
                each -> each.view().leases().size());
        meters.gauge(
                "sluice.proxy.registration.preserving",
                "1 while so many registrations have run out at once that they are kept.",
                desk,
                each -> each.view().preserving() ? 1 : 0);
        return new Registered(desk, meters);
    }

    /** Nobody looks after them any more. Whom the floor keeps goes as soon as others can serve. */
    private void withdrawRest(String name, BackendSource source) {
        List<String> rest = isAskedFor(name, source) ? List.of() : backends(name, source);
        if (rest.isEmpty()) {
            return;
        }
        String author = source == BackendSource.DISCOVERED ? "discovery" : "registration";
        Withdrawal withdrawal =
                new Withdrawal(pools::change, source, name, author, "the pool's settings do not ask for it any more");
        Future.fromCompletionStage(withdrawal.of(rest)).onSuccess(outcome -> {
            LOG.info(
                    "pool {}: nobody looks after {} backends any more; went: {}; stay for now: {}",
                    name,
                    rest.size(),
                    outcome.gone(),
                    outcome.kept());
            if (!outcome.kept().isEmpty()) {
                vertx.setTimer(RETRY.toMillis(), again -> withdrawRestStill(name, source));
            }
        });
    }

    private synchronized void withdrawRestStill(String name, BackendSource source) {
        if (running) {
            withdrawRest(name, source);
        }
    }

    private boolean isAskedFor(String name, BackendSource source) {
        return (source == BackendSource.DISCOVERED ? discovered : registered)
                .find(name)
                .isPresent();
    }

    private List<String> backends(String name, BackendSource source) {
        PoolSnapshot pool = pools.pool(name).map(BackendPool::snapshot).orElse(null);
        if (pool == null) {
            return List.of();
        }
        return pool.backends().stream()
                .map(Backend::id)
                .filter(id -> pool.source(id) == source)
                .toList();
    }

    @Override
    public String name() {
        return "sources of backends";
    }

    @Override
    public Future<Void> start() {
        startLookups();
        List<Future<Void>> needed = pools.all().stream()
                .filter(pool -> pool.snapshot().backends().isEmpty())
                .flatMap(pool -> discovered.find(pool.name()).stream())
                .map(each -> each.discovery().firstRound())
                .toList();
        if (needed.isEmpty()) {
            return Future.succeededFuture();
        }
        Promise<Void> heard = Promise.promise();
        long timer = vertx.setTimer(PATIENCE.toMillis(), late -> heard.tryComplete());
        Future.join(needed).onComplete(all -> heard.tryComplete());
        return heard.future().onComplete(over -> vertx.cancelTimer(timer));
    }

    private synchronized void startLookups() {
        running = true;
        discovered.start();
    }

    /** To be called when heartbeats can be heard: leases run from then on. */
    synchronized Future<Void> openDesks() {
        registered.start();
        return Future.succeededFuture();
    }

    @Override
    public synchronized Future<Void> stop() {
        running = false;
        discovered.stop();
        registered.stop();
        discoveries.close();
        return Future.succeededFuture();
    }

    @Override
    public Optional<DiscoveryView> discovery(String pool) {
        return discovered.find(pool).map(each -> each.discovery().view());
    }

    @Override
    public Optional<RegistrationView> registration(String pool) {
        return desk(pool).map(RegistrationDesk::view);
    }

    /** Where instances register with a pool; empty where they cannot. */
    Optional<RegistrationDesk> desk(String pool) {
        return registered.find(pool).map(Registered::desk);
    }
}
