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
import io.sluice.proxy.registration.RegistrationSettings;
import io.sluice.service.lifecycle.Component;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    private final Vertx vertx;
    private final Pools pools;
    private final MeterRegistry registry;
    private final Discoveries discoveries;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private volatile Map<String, Discovered> discovered = Map.of();
    private volatile Map<String, Registered> registered = Map.of();
    private boolean running;
    private boolean open;

    private record Discovered(Discovery discovery, DiscoveryMeters meters) {
        boolean isStill(@Nullable ConfiguredPool wished) {
            return wished != null && discovery.settings().equals(wished.discovery());
        }

        void start() {
            meters.follow(discovery);
            discovery.start();
        }

        void end() {
            discovery.stop();
            meters.remove();
        }
    }

    private record Registered(RegistrationDesk desk, RegistrationMeters meters) {
        boolean isStill(@Nullable ConfiguredPool wished) {
            return wished != null && desk.settings().equals(wished.registration());
        }

        void start() {
            meters.follow(desk);
            desk.start();
        }

        void end() {
            desk.stop();
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
        // First those that end: their series have the names that others get.
        discovered.forEach((name, known) -> {
            if (!known.isStill(wished.get(name))) {
                known.end();
            }
        });
        registered.forEach((name, known) -> {
            if (!known.isStill(wished.get(name))) {
                known.end();
            }
        });
        Map<String, Discovered> names = new HashMap<>();
        Map<String, Registered> desks = new HashMap<>();
        wished.forEach((name, pool) -> {
            DiscoverySettings discovery = pool.discovery();
            if (discovery != null) {
                Discovered known = discovered.get(name);
                names.put(name, known != null && known.isStill(pool) ? known : begin(name, discovery));
            }
            RegistrationSettings registration = pool.registration();
            if (registration != null) {
                Registered known = registered.get(name);
                desks.put(name, known != null && known.isStill(pool) ? known : begin(name, registration));
            }
        });
        discovered = Map.copyOf(names);
        registered = Map.copyOf(desks);
        for (String name : wished.keySet()) {
            withdrawRest(name, BackendSource.DISCOVERED);
            withdrawRest(name, BackendSource.REGISTERED);
        }
    }

    private Discovered begin(String pool, DiscoverySettings settings) {
        DiscoveryMeters meters = new DiscoveryMeters(registry, pool);
        Discovery discovery = discoveries.of(pool, settings, meters);
        Discovered begun = new Discovered(discovery, meters);
        if (running) {
            begun.start();
        }
        return begun;
    }

    private Registered begin(String pool, RegistrationSettings settings) {
        RegistrationMeters meters = new RegistrationMeters(registry, pool);
        RegistrationDesk desk = new RegistrationDesk(vertx, pools, pool, settings, meters, clock, nanoTime);
        Registered begun = new Registered(desk, meters);
        if (open) {
            begun.start();
        }
        return begun;
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
        return (source == BackendSource.DISCOVERED ? discovered : registered).containsKey(name);
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
        Map<String, Discovered> now = startAll();
        List<Future<Void>> needed = now.entrySet().stream()
                .filter(each -> pools.pool(each.getKey())
                        .map(pool -> pool.snapshot().backends().isEmpty())
                        .orElse(false))
                .map(each -> each.getValue().discovery().firstRound())
                .toList();
        if (needed.isEmpty()) {
            return Future.succeededFuture();
        }
        Promise<Void> heard = Promise.promise();
        long timer = vertx.setTimer(PATIENCE.toMillis(), late -> heard.tryComplete());
        Future.join(needed).onComplete(all -> heard.tryComplete());
        return heard.future().onComplete(over -> vertx.cancelTimer(timer));
    }

    private synchronized Map<String, Discovered> startAll() {
        running = true;
        discovered.values().forEach(Discovered::start);
        return discovered;
    }

    /** To be called when heartbeats can be heard: leases run from then on. */
    synchronized Future<Void> openDesks() {
        open = true;
        registered.values().forEach(Registered::start);
        return Future.succeededFuture();
    }

    @Override
    public synchronized Future<Void> stop() {
        running = false;
        open = false;
        discovered.values().forEach(each -> each.discovery().stop());
        registered.values().forEach(each -> each.desk().stop());
        discoveries.close();
        return Future.succeededFuture();
    }

    @Override
    public Optional<DiscoveryView> discovery(String pool) {
        return Optional.ofNullable(discovered.get(pool))
                .map(each -> each.discovery().view());
    }

    @Override
    public Optional<RegistrationView> registration(String pool) {
        return desk(pool).map(RegistrationDesk::view);
    }

    /** Where instances register with a pool; empty where they cannot. */
    Optional<RegistrationDesk> desk(String pool) {
        return Optional.ofNullable(registered.get(pool)).map(Registered::desk);
    }
}
